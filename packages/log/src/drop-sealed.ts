import type { Cryptography, DeviceId, KeyId, Store, StoreChange, VaultId } from '@muniment/interface'
import { type Frame, parseFrame, withoutPayloads } from './frame.ts'
import type { DroppedEntries } from './log.ts'
import type { LogState } from './log-state.ts'
import { frameChange, listFrameRows, readRivals, rivalChange } from './rows.ts'

/** Frames rewritten in one commit: at most some 4 MiB. */
const FRAMES_PER_COMMIT = 64

interface DropContext {
  readonly cryptography: Cryptography
  readonly store: Store
  readonly vault: VaultId
  readonly state: LogState
}

/**
 * Replaces the payloads of entries sealed with such a key by their hashes. First all of them are found and told, so that
 * whoever has to tell others knows them before they are gone here.
 */
export async function dropSealed(
  context: DropContext,
  isGone: (key: KeyId) => boolean,
  onFound: (found: DroppedEntries) => Promise<void> = async () => undefined,
): Promise<void> {
  const found: Record<DeviceId, number[]> = {}
  for (const device of context.state.heads.keys()) {
    for await (const { goneSeqs } of affected(context, device, isGone)) {
      found[device] = [...(found[device] ?? []), ...goneSeqs]
    }
  }
  await onFound(found)
  for (const device of Object.keys(found)) await dropIn(context, device, isGone)
  for (const device of context.state.rivals.keys()) await dropInRivals(context, device, isGone)
}

async function dropIn(
  context: DropContext,
  device: DeviceId,
  isGone: (key: KeyId) => boolean,
): Promise<void> {
  let changes: StoreChange[] = []
  const commit = async (): Promise<void> => {
    const rewritten = changes
    changes = []
    await context.store.commit(rewritten)
    context.state.newest.delete(device)
  }
  for await (const { change } of affected(context, device, isGone)) {
    changes.push(change)
    if (changes.length === FRAMES_PER_COMMIT) await commit()
  }
  await commit()
}

async function* affected(
  { cryptography, store, vault }: DropContext,
  device: DeviceId,
  isGone: (key: KeyId) => boolean,
): AsyncGenerator<{ readonly goneSeqs: readonly number[]; readonly change: StoreChange }> {
  for await (const row of listFrameRows(store, device)) {
    const frame = parseFrame(cryptography, vault, row.bundle)
    const goneSeqs = seqsSealed(frame, isGone)
    if (goneSeqs.length === 0) continue
    const gone = new Set(goneSeqs)
    const bundle = withoutPayloads(cryptography, frame, (seq) => gone.has(seq))
    yield { goneSeqs, change: frameChange(device, { ...row, bundle }) }
  }
}

/** The entries of a frame that have a payload, sealed with such a key. */
function seqsSealed({ headers, entries }: Frame, isGone: (key: KeyId) => boolean): number[] {
  return headers
    .filter(({ key }, at) => key !== undefined && isGone(key) && 'payload' in (entries[at] ?? {}))
    .map(({ seq }) => seq)
}

async function dropInRivals(
  { cryptography, store, vault }: DropContext,
  device: DeviceId,
  isGone: (key: KeyId) => boolean,
): Promise<void> {
  const changes: StoreChange[] = []
  let index = 0
  for await (const bundle of readRivals(store, device)) {
    const frame = parseFrame(cryptography, vault, bundle)
    const gone = new Set(seqsSealed(frame, isGone))
    if (gone.size > 0) {
      const rest = withoutPayloads(cryptography, frame, (seq) => gone.has(seq))
      changes.push(rivalChange(device, index, rest))
    }
    index++
  }
  await store.commit(changes)
}
