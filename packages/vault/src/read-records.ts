import { MunimentError } from '@muniment/interface'
import type { VaultCore } from './core.ts'
import {
  type BaseRecord,
  composeRecord,
  type ConflictedRecord,
  typedBase,
  type VaultRecord,
} from './record.ts'
import { parseRecordId, type RecordId, recordId, requireRecordId } from './record-id.ts'
import type { SegmentRow } from './rows.ts'
import { baseOf } from './segments.ts'
import { type Shard } from './shard.ts'

/** A record before its edits, with the shard of its edits. */
export interface Found {
  readonly base: BaseRecord
  readonly shard: Shard
  readonly index: number
}

/** Finds a record that exists, removed or not. */
export async function findRecord(core: VaultCore, id: RecordId): Promise<Found | undefined> {
  const parts = parseRecordId(id)
  if (!parts) return undefined
  const { index } = parts
  const shard = await core.shards.open(parts.shard)
  const segment = core.catalogue().segments.get(parts.shard)
  const base = segment ? await imported(core, segment, index) : typedBase(shard.registers(index))
  return base && { base, shard, index }
}

async function imported(
  core: VaultCore,
  segment: SegmentRow,
  index: number,
): Promise<BaseRecord | undefined> {
  if (!core.catalogue().isInSight(segment)) return undefined
  const draft = (await core.segments.drafts(segment))[index]
  const origin = core.catalogue().imports.get(segment.importId)?.origin
  return draft && origin && baseOf(draft, origin)
}

/** A record with its edits. */
export async function readRecord(core: VaultCore, id: RecordId): Promise<VaultRecord | undefined> {
  const found = await findRecord(core, id)
  if (!found) return undefined
  const { deviceOf } = core.catalogue()
  return composeRecord(id, found.base, { registers: found.shard.registers(found.index), deviceOf })
}

/** A record in sight, or `ERR_NOT_FOUND`. */
export async function requireRecord(
  core: VaultCore,
  id: RecordId,
): Promise<Found & { readonly record: VaultRecord }> {
  requireRecordId(id)
  const found = await findRecord(core, id)
  const { deviceOf } = core.catalogue()
  const registers = found?.shard.registers(found.index)
  const record = found && registers && composeRecord(id, found.base, { registers, deviceOf })
  if (!found || !record) throw new MunimentError('ERR_NOT_FOUND', 'there is no record with this id')
  return { ...found, record }
}

/** The records with conflicts, shard by shard. */
export async function* readConflicts(core: VaultCore): AsyncGenerator<ConflictedRecord> {
  for (const { id: shard, conflicts } of core.catalogue().shards.values()) {
    for (const index of conflicts) {
      const id = recordId(shard, index)
      const record = await readRecord(core, id)
      if (record?.conflicts) yield { id, record, conflicts: record.conflicts }
    }
  }
}
