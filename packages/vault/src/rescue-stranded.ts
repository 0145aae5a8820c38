import { createRecord, type TypedPlace } from './change-records.ts'
import { ownClient, type VaultCore } from './core.ts'
import { strandedDone, strandedEdits } from './edits-at-risk.ts'
import { listRecords } from './list-records.ts'
import { findRecord } from './read-records.ts'
import type { RecordId } from './record-id.ts'
import type { WriteEdit } from './write-edits.ts'

/** The field of a record made anew that names the record which was refused. */
const INSTEAD_OF = 'insteadOf'

/**
 * Keeps in sight what this device wrote over records that are refused now, as records of its own, once each. True when
 * anything waited for that.
 */
export async function rescueStranded(core: VaultCore, write: WriteEdit, place: TypedPlace): Promise<boolean> {
  const edits = await strandedEdits(core)
  if (edits.length === 0) return false
  for (const { id, collection, title, time, fields } of edits) {
    if (await findRecord(core, id)) continue
    if (await isRescued(core, collection, id)) continue
    const draft = { collection, title: title ?? id, fields: { ...fields, [INSTEAD_OF]: id } }
    await createRecord(write, place, time === undefined ? draft : { ...draft, time })
  }
  strandedDone(core)
  return true
}

async function isRescued(core: VaultCore, collection: string, id: string): Promise<boolean> {
  for await (const record of listRecords(core, { collection })) {
    if (record.fields[INSTEAD_OF] === id && (await isOwn(core, record.id))) return true
  }
  return false
}

/** True when this device typed the record in: another one may have kept its own values of the same refused record. */
async function isOwn(core: VaultCore, id: RecordId): Promise<boolean> {
  const found = await findRecord(core, id)
  return found?.shard.registers(found.index).get('@record')?.has(ownClient(core)) === true
}
