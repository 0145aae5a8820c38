import { MunimentError, type RecordDraft } from '@muniment/interface'
import type { KeyId } from '@muniment/interface'
import { checkDraft } from './check-draft.ts'
import type { VaultCore } from './core.ts'
import { contentFingerprint } from './fingerprint.ts'
import { encodeForget, encodeImportEnd } from './intake.ts'
import { countOccurrences } from './occurrences.ts'
import type { Origin } from './segment.ts'
import { importIdOf } from './segment-name.ts'
import { segmentWriter } from './segment-writer.ts'
import type { Drafts, ImportOptions, ImportResult, ImportSummary } from './vault.ts'

/** Drafts between two reports of progress, and two looks at the signal. */
const DRAFTS_PER_REPORT = 500

/** The row of the tables that names the data key of this device's bookkeeping entries. */
const BOOKKEEPING_KEY = 'bookkeeping-key'

/** Where the drafts come from, and how they are taken. */
export interface ImportPlan extends ImportOptions {
  readonly origin: Omit<Origin, 'importId' | 'at'>
  /** Leaves out what the vault has already. */
  readonly isDeduplicating: boolean
}

/**
 * Imports drafts: segments first, which nobody sees, then one entry that makes them count. Whatever happens before that
 * entry is on disk, nothing of the import shows; what a crash left behind is forgotten before the next import.
 */
export async function importRecords(
  core: VaultCore,
  drafts: Drafts,
  plan: ImportPlan,
): Promise<ImportResult> {
  await core.inTurn(() => core.catchUp())
  await forgetOrphans(core)
  const nonce = core.random(16)
  const importId = importIdOf(core.cryptography, core.device, nonce)
  const origin: Origin = { ...plan.origin, importId, at: core.now() }
  const writer = segmentWriter(core, { nonce, origin })
  try {
    const counts = await writeDrafts(core, drafts, { plan, writer })
    await writer.finish()
    refuseWhenAborted(plan.signal)
    if (counts.imported > 0) {
      const key = await bookkeepingKey(core)
      const body = encodeImportEnd({ import: importId, ...counts })
      await core.log.append([{ kind: 'settings', body, key }])
      await core.inTurn(() => core.catchUp())
    }
    return { importId, ...counts }
  } catch (error) {
    if (writer.hasWritten) await forget(core, [importId]).catch(() => undefined)
    throw error
  }
}

async function writeDrafts(
  core: VaultCore,
  drafts: Drafts,
  { plan, writer }: { readonly plan: ImportPlan; readonly writer: ReturnType<typeof segmentWriter> },
): Promise<{ imported: number; duplicates: number }> {
  const { signal, onProgress, isDeduplicating, fingerprint = contentFingerprint } = plan
  const occurrences = countOccurrences({ ...core, catalogue: core.catalogue() }, fingerprint)
  let imported = 0
  let duplicates = 0
  refuseWhenAborted(signal)
  for await (const batch of drafts) {
    for (const draft of isBatch(batch) ? batch : [batch]) {
      checkDraft(draft)
      if (isDeduplicating && !(await occurrences.isNew(draft))) duplicates++
      else {
        await writer.add(draft)
        imported++
      }
      if ((imported + duplicates) % DRAFTS_PER_REPORT > 0) continue
      refuseWhenAborted(signal)
      onProgress?.({ imported, duplicates })
    }
    refuseWhenAborted(signal)
  }
  onProgress?.({ imported, duplicates })
  return { imported, duplicates }
}

function isBatch(item: RecordDraft | readonly RecordDraft[]): item is readonly RecordDraft[] {
  return Array.isArray(item)
}

function refuseWhenAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new MunimentError('ERR_ABORTED', 'the import was given up', { cause: signal.reason })
}

/** Forgets this device's imports that never ended: a crash cut them off. One import runs at a time. */
async function forgetOrphans(core: VaultCore): Promise<void> {
  const orphans = [...core.catalogue().imports.values()].filter(
    ({ device, isFinished, isUndone }) => device === core.device && !isFinished && !isUndone,
  )
  if (orphans.length > 0)
    await forget(
      core,
      orphans.map(({ id }) => id),
    )
}

async function forget(core: VaultCore, imports: readonly string[]): Promise<void> {
  const key = await bookkeepingKey(core)
  await core.log.append(imports.map((id) => ({ kind: 'forget' as const, body: encodeForget(id), key })))
  await core.inTurn(() => core.catchUp())
}

/** Takes an import back on all devices. */
export async function undoImport(core: VaultCore, importId: string): Promise<void> {
  await core.inTurn(() => core.catchUp())
  const row = core.catalogue().imports.get(importId)
  if (!row?.isFinished || row.isUndone)
    throw new MunimentError('ERR_NOT_FOUND', 'there is no import with this id')
  await forget(core, [importId])
}

/** The imports in sight, the latest first. */
export function listImports(core: VaultCore): readonly ImportSummary[] {
  return [...core.catalogue().imports.values()]
    .filter(({ isFinished, isUndone }) => isFinished && !isUndone)
    .sort((a, b) => b.origin.at - a.origin.at || (a.id < b.id ? -1 : 1))
    .map(({ id, device, imported, duplicates, origin }) => ({
      importId: id,
      device,
      imported,
      duplicates,
      provenance: origin,
    }))
}

/** The key of this device's entries about imports. */
export async function bookkeepingKey(core: VaultCore): Promise<KeyId> {
  const known = await core.getMeta(BOOKKEEPING_KEY)
  if (typeof known === 'string' && core.dataKeys.isCurrent(known)) return known
  const [key] = await core.dataKeys.create(1)
  if (key === undefined) throw new MunimentError('ERR_KEY_UNKNOWN', 'the keyring gave no key')
  core.putMeta(BOOKKEEPING_KEY, key)
  return key
}
