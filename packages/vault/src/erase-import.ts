import { MunimentError } from '@muniment/interface'
import type { VaultCore } from './core.ts'
import { MAX_IMPORT_SEGMENTS } from './constants.ts'
import { bookkeepingKey } from './import-records.ts'
import { encodeErase } from './intake.ts'
import type { ErasureRow } from './rows.ts'
import { scanImport } from './scan-import.ts'
import { segmentIdOf } from './segment-name.ts'
import type { Erasure } from './vault.ts'

/** Asks for an import to be erased; it is out of sight when this resolves, and {@link tidyUp} does the rest. */
export async function askToErase(core: VaultCore, importId: string): Promise<ErasureRow> {
  await core.inTurn(() => core.catchUp())
  const known = core.catalogue()
  const asked = known.erasures.all().find((row) => row.importId === importId)
  if (asked) return asked
  const row = known.imports.get(importId)
  if (!row) throw new MunimentError('ERR_NOT_FOUND', 'there is no import with this id')
  const listed = [...known.segments.values()].filter((segment) => segment.importId === importId)
  const ids = row.isUndone ? (await scanImport(core, importId)).segments : listed.map(({ id }) => id)
  const body = encodeErase({
    erase: importId,
    at: core.now(),
    records: row.imported,
    segments: segmentCount(core, importId, new Set(ids)),
  })
  const key = await bookkeepingKey(core)
  await core.log.append([{ kind: 'forget', body, key }])
  await core.inTurn(() => core.catchUp())
  const taken = core
    .catalogue()
    .erasures.all()
    .find((each) => each.importId === importId)
  if (!taken) throw new MunimentError('ERR_UPDATE_REFUSED', 'this device does not accept its own erasure')
  return taken
}

/** How many numbers of segments it takes to name them all. */
function segmentCount({ cryptography }: VaultCore, importId: string, ids: ReadonlySet<string>): number {
  let found = 0
  let number = 0
  while (found < ids.size && number < MAX_IMPORT_SEGMENTS) {
    if (ids.has(segmentIdOf(cryptography, importId, number))) found++
    number++
  }
  return number
}

/** What was asked to be erased, the latest first. */
export function listErasures(core: VaultCore): readonly Erasure[] {
  const { erasures } = core.catalogue()
  return erasures
    .all()
    .toSorted((a, b) => b.at - a.at || (a.device < b.device ? -1 : 1))
    .map((row) => erasureOf(core, row))
}

/** How far an erasure is. */
export function erasureOf(core: VaultCore, row: ErasureRow): Erasure {
  const { importId, records, device, at } = row
  return { importId, records, device, at, doneBy: core.catalogue().erasures.doneBy(row) }
}
