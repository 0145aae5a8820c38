import { type FieldValue, MunimentError, type RecordDraft } from '@muniment/interface'
import { checkDraft, checkName } from './check-draft.ts'
import { MAX_SHARD_RECORDS } from './constants.ts'
import type { VaultCore } from './core.ts'
import { findRecord, requireRecord } from './read-records.ts'
import { freshShardId, isShardId, type RecordId, recordId, requireRecordId } from './record-id.ts'
import { isInConflict, type Registers, removalOf, seenBy, seenByRemoval } from './register.ts'
import type { WriteDraft } from './shard.ts'
import type { Property } from './slot.ts'
import type { RecordChanges } from './vault.ts'
import type { WriteEdit } from './write-edits.ts'

/** The row of the tables that names the shard in which this device keeps what is typed in. */
const TYPED_SHARD = 'typed'

/** This device's shard of typed records that is open for more, and the next free index in it. */
export interface TypedPlace {
  /** Takes the next free place. */
  next(): Promise<{ readonly shard: string; readonly index: number }>
  /** Looks again where it is: records that were to stand there were not written. */
  reset(): void
}

/** Finds the place again after a restart, and rolls over to a fresh shard when one is full. */
export function typedPlace(core: VaultCore): TypedPlace {
  let open: { shard: string; index: number } | undefined
  return {
    async next() {
      open ??= await placeNow(core)
      if (!open || open.index >= MAX_SHARD_RECORDS) {
        open = { shard: freshShardId(core.random), index: 0 }
        core.putMeta(TYPED_SHARD, open.shard)
      }
      return { shard: open.shard, index: open.index++ }
    },
    reset() {
      open = undefined
    },
  }
}

async function placeNow(core: VaultCore): Promise<{ shard: string; index: number } | undefined> {
  const id = await core.getMeta(TYPED_SHARD)
  if (typeof id !== 'string' || !isShardId(id)) return undefined
  const shard = await core.shards.open(id)
  return { shard: id, index: shard.indices().reduce((last, index) => Math.max(last, index + 1), 0) }
}

/** Keeps a typed record. */
export async function createRecord(
  write: WriteEdit,
  place: TypedPlace,
  draft: RecordDraft,
): Promise<RecordId> {
  checkDraft(draft)
  const { collection, title, time, fields } = draft
  const value = { collection, title, fields: present(fields), ...(time !== undefined && { time }) }
  return await write(async () => {
    const { shard, index } = await place.next()
    return {
      shard,
      writes: [{ index, property: '@record', seen: [], value }],
      result: recordId(shard, index),
    }
  })
}

function present(fields: { readonly [name: string]: FieldValue | undefined }): {
  [name: string]: FieldValue
} {
  const set: [string, FieldValue][] = []
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) set.push([name, value])
  return Object.fromEntries(set)
}

/** Writes over a record; `isSettling` closes the conflicts about what is changed. */
export async function changeRecord(
  core: VaultCore,
  write: WriteEdit,
  {
    id,
    changes,
    isSettling,
  }: { readonly id: RecordId; readonly changes: RecordChanges; readonly isSettling: boolean },
): Promise<void> {
  const values = propertiesOf(changes)
  await write(async (client) => {
    const { shard, index, record } = await requireRecord(core, id)
    const registers = shard.registers(index)
    if (isSettling) refuseWithoutConflict(registers, values)
    const writes = [...values].map(([property, value]): WriteDraft => {
      const seen = seenBy(registers.get(property), client, isSettling)
      return { index, property, seen, value }
    })
    return { shard: shard.id, writes, result: record.id }
  })
}

function propertiesOf({
  title,
  time,
  fields = {},
}: RecordChanges): ReadonlyMap<Property, FieldValue | undefined> {
  checkDraft({ collection: '-', title: title ?? '', fields: present(fields), ...(time && { time }) })
  const values = new Map<Property, FieldValue | undefined>()
  if (title !== undefined) values.set('@title', title)
  if (time !== undefined) values.set('@time', time ?? undefined)
  for (const [name, value] of Object.entries(fields)) {
    checkName(name)
    values.set(`=${name}`, value)
  }
  if (values.size === 0) throw new MunimentError('ERR_INVALID_ARGUMENT', 'an edit changes at least one field')
  return values
}

function refuseWithoutConflict(registers: Registers, values: ReadonlyMap<Property, unknown>): void {
  for (const property of values.keys()) {
    if (!isInConflict(registers.get(property))) {
      throw new MunimentError('ERR_NOT_FOUND', 'there is no conflict about this field')
    }
  }
}

/** Removes a record, having seen all that is written about it here. */
export async function removeRecord(core: VaultCore, write: WriteEdit, id: RecordId): Promise<void> {
  await write(async (client) => {
    const { shard, index } = await requireRecord(core, id)
    const seen = seenByRemoval(shard.registers(index), client)
    return {
      shard: shard.id,
      writes: [{ index, property: '@removed', seen, value: true }],
      result: undefined,
    }
  })
}

/** Takes a removal back. */
export async function restoreRecord(core: VaultCore, write: WriteEdit, id: RecordId): Promise<void> {
  requireRecordId(id)
  await write(async (client) => {
    const found = await findRecord(core, id)
    if (!found) throw new MunimentError('ERR_NOT_FOUND', 'there is no record with this id')
    const { shard, index } = found
    const registers = shard.registers(index)
    const isRemoved = removalOf(registers).removals.length > 0
    const seen = seenBy(registers.get('@removed'), client, true)
    const writes: WriteDraft[] = isRemoved ? [{ index, property: '@removed', seen, value: false }] : []
    return { shard: shard.id, writes, result: undefined }
  })
}
