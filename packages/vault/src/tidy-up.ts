import { isMunimentError } from '@muniment/interface'
import { toCanonical } from '@muniment/crypto'
import type { DroppedEntries } from '@muniment/log'
import type { VaultCore } from './core.ts'
import { MAX_DONE_PER_ENTRY } from './constants.ts'
import { bookkeepingKey } from './import-records.ts'
import { encodeErased } from './intake.ts'
import { DROPPED_TABLE, type ErasureRow, parseDroppedRow } from './rows.ts'
import { scanImport } from './scan-import.ts'
import { segmentIdOf } from './segment-name.ts'

/** The row of the tables that says how many erased keys this device's disk was last cleared of. */
const CLEARED = 'cleared-keys'

/** Why a device cannot write to its log now; what it has to say waits. */
const NOT_NOW = ['ERR_HEAD_UNCONFIRMED', 'ERR_ROLLED_BACK', 'ERR_NOT_A_MEMBER'] as const

/**
 * Brings to an end what was asked to be erased here or on another device: finds the keys, destroys them, drops what they
 * sealed from the log, rewrites the store's files, and says so in the log. Each step may be cut off: what is to be done
 * follows from what is on disk, and doing a step twice changes nothing.
 */
export async function tidyUp(core: VaultCore): Promise<void> {
  await core.inTurn(() => core.catchUp())
  await destroyKeys(core)
  await clearDisk(core)
  await sayDone(core)
}

async function destroyKeys(core: VaultCore): Promise<void> {
  const { erasures } = core.catalogue()
  for (const row of erasures.all()) if (!row.isDone) erasures.doom(await keysOf(core, row))
  if (erasures.doomed.size === 0) return
  // What is to be destroyed is on disk first: a crash in between leaves it to be found there.
  await core.tables.flush()
  const doomed = [...erasures.doomed]
  const alive = doomed.filter((key) => !core.dataKeys.isErased(key))
  if (alive.length > 0) await core.dataKeys.erase(alive)
  erasures.settle(doomed)
}

async function keysOf(core: VaultCore, { importId, segments }: ErasureRow): Promise<readonly string[]> {
  const ids = Array.from({ length: segments }, (_, number) =>
    segmentIdOf(core.cryptography, importId, number),
  )
  return (await scanImport(core, importId, ids)).keys
}

/** The disk is cleared when a key was erased since, or when rows of the tables were dropped for an erasure. */
async function clearDisk(core: VaultCore): Promise<void> {
  const { erasedCount } = core.dataKeys
  const open = core
    .catalogue()
    .erasures.all()
    .filter(({ isDone }) => !isDone)
  if (open.length === 0 && ((await core.getMeta(CLEARED)) ?? 0) === erasedCount) return
  await core.inTurn(async () => {
    core.segments.closeAll()
    core.shards.closeAll()
    await core.tables.flush()
  })
  await core.log.dropSealed(
    (key) => core.dataKeys.isErased(key),
    (found) => noteDropped(core, found),
  )
  await core.store.purge()
  for (const row of open) core.catalogue().erasures.put({ ...row, isDone: true })
  core.putMeta(CLEARED, erasedCount)
  await core.tables.flush()
}

async function noteDropped(core: VaultCore, found: DroppedEntries): Promise<void> {
  if (Object.keys(found).length === 0) return
  const key = (await lastSweep(core)) + 1
  const value = toCanonical(Object.fromEntries(Object.entries(found).map(([id, seqs]) => [id, [...seqs]])))
  await core.store.commit([{ table: DROPPED_TABLE, key, value }])
}

/** The number of the last sweep that dropped anything; 0 before the first. */
export async function lastSweep({ store }: VaultCore): Promise<number> {
  for await (const { key } of store.list(DROPPED_TABLE, { reverse: true, limit: 1 })) return key
  return 0
}

/** What was dropped from the log by the sweeps after that one. */
export async function* droppedEntries(
  { store }: VaultCore,
  after: number,
): AsyncGenerator<{ readonly sweep: number; readonly entries: DroppedEntries }> {
  for await (const { key, value } of store.list(DROPPED_TABLE, { from: after + 1 })) {
    yield { sweep: key, entries: parseDroppedRow(value) }
  }
}

async function sayDone(core: VaultCore): Promise<void> {
  const { erasures } = core.catalogue()
  const unsaid = erasures.all().filter((row) => row.isDone && !erasures.doneBy(row).includes(core.device))
  if (unsaid.length === 0) return
  const body = encodeErased(unsaid.slice(0, MAX_DONE_PER_ENTRY))
  try {
    await core.log.append([{ kind: 'forget', body, key: await bookkeepingKey(core) }])
  } catch (error) {
    if (NOT_NOW.some((code) => isMunimentError(error, code))) return
    throw error
  }
  await core.inTurn(() => core.catchUp())
  if (unsaid.length > MAX_DONE_PER_ENTRY) await sayDone(core)
}
