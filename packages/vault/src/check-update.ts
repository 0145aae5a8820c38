import { MunimentError, type Outcome, type Problem } from '@muniment/interface'
import * as Y from 'yjs'
import { MAX_SLOTS_PER_DEVICE, MAX_WRITES_PER_UPDATE } from './constants.ts'
import { parseSlotKey, type SlotPlace } from './slot.ts'

/** The name of the one map in a shard's document. */
export const FIELDS = 'fields'

/** One slot that an update writes. */
export interface Write {
  readonly key: string
  readonly place: SlotPlace
  readonly content: Uint8Array
}

/** A fresh key: an item with a parent key and binary content (`Item.write` of Yjs 13: parentSub 0x20 | ContentBinary 3). */
const INFO_FRESH = 0x23
/** A key written again: the same with an origin (0x80), which stands for its parent and key. */
const INFO_AGAIN = 0xa3

/**
 * Checks a Yjs update (V2) before Yjs may apply it. Yjs itself believes everything, so an update passes only when it is
 * exactly what an honest device would have made: the next clocks of its author's own client id, each a new value of one
 * of its own slots, deleting the values that these replace and nothing else. Each rule depends on the author's own
 * earlier updates only, so every replica gives the same verdict in whatever order devices' logs arrive.
 *
 * @param document - the shard as it is with all earlier updates of this author
 * @param client - the client id that the roster assigned to the author
 */
export function checkUpdate(
  document: Y.Doc,
  client: number,
  update: Uint8Array,
): Outcome<{ writes: readonly Write[] }> {
  try {
    refuseExpansion(update)
    const { structs, ds } = Y.decodeUpdateV2(update)
    const writes = readWrites(document, client, structs)
    checkDeletions(client, writes, ds.clients)
    return { ok: true, writes: writes.map(({ key, place, content }) => ({ key, place, content })) }
  } catch (error) {
    const message = error instanceof MunimentError ? error.message : 'the update cannot be decoded'
    return refusal('update_malformed', message)
  }
}

function refusal(code: string, message: string): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems: [{ code, message }] }
}

function refuse(message: string): MunimentError {
  return new MunimentError('ERR_UPDATE_REFUSED', message)
}

/** Yjs runs lengths together, so that 20 bytes can stand for 2^50 structs. The counts are read before it unrolls them. */
function refuseExpansion(update: Uint8Array): void {
  const reader = { bytes: update, at: 0 }
  if (readUnsigned(reader) !== 0) throw refuse('the update has a feature flag that is unknown')
  const sections: Uint8Array[] = []
  for (let section = 0; section < 9; section++) {
    const length = readUnsigned(reader)
    const end = reader.at + length
    if (end > update.length) throw refuse('the update ends in the middle')
    sections.push(update.subarray(reader.at, end))
    reader.at = end
  }
  checkInfos(sections[4] ?? new Uint8Array(0))
  if (readUnsigned(reader) !== 1) throw refuse('the update does not write for exactly one device')
  const structs = readUnsigned(reader)
  if (structs < 1 || structs > MAX_WRITES_PER_UPDATE)
    throw refuse('the update writes too many slots, or none')
}

/** The kinds of structs, run-length encoded: only values of a map's keys may stand there. */
function checkInfos(section: Uint8Array): void {
  const reader = { bytes: section, at: 0 }
  while (reader.at < section.length) {
    const info = section[reader.at++]
    if (info !== INFO_FRESH && info !== INFO_AGAIN) {
      throw refuse('the update holds something else than values of fields')
    }
    if (reader.at < section.length) readUnsigned(reader)
  }
}

/** A variable-length number as lib0 writes it: seven bits a byte, the lowest first. */
function readUnsigned(reader: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0
  let unit = 1
  for (;;) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw refuse('the update ends in the middle')
    value += (byte & 127) * unit
    if (byte < 128) return value
    unit *= 128
    if (value > Number.MAX_SAFE_INTEGER) throw refuse('the update holds a number that is too large')
  }
}

interface CheckedWrite extends Write {
  readonly clock: number
  /** The clock of the value that this one replaces. */
  readonly replaces: number | undefined
}

function readWrites(
  document: Y.Doc,
  client: number,
  structs: readonly (Y.Item | Y.GC | Y.Skip)[],
): readonly CheckedWrite[] {
  const present = document.getMap(FIELDS)._map
  const before = Y.getState(document.store, client)
  if (before + structs.length > MAX_SLOTS_PER_DEVICE)
    throw refuse('the device writes too much into one shard')
  const keys = new Set<string>()
  return structs.map((struct, at) => {
    if (!(struct instanceof Y.Item)) throw refuse('the update holds something else than values of fields')
    checkItem(struct, client, before + at)
    const key = struct.origin === null ? freshKey(struct) : keyOfOrigin(document, struct.origin)
    const place = key === undefined ? undefined : parseSlotKey(key)
    if (key === undefined || place?.client !== client)
      throw refuse('the update writes where another device writes')
    if (keys.has(key)) throw refuse('the update writes one slot twice')
    keys.add(key)
    const last = present.get(key)?.lastId.clock
    if (struct.origin?.clock !== last) throw refuse('the update does not build on what its device wrote last')
    return { key, place, content: contentOf(struct), clock: struct.id.clock, replaces: last }
  })
}

function checkItem(item: Y.Item, client: number, clock: number): void {
  if (item.id.client !== client) throw refuse("the update writes in another device's name")
  if (item.id.clock !== clock) throw refuse('the update does not continue where its device stopped')
  if (item.rightOrigin !== null || item.length !== 1)
    throw refuse('the update writes in a way no device does')
  if (item.origin !== null && item.origin.client !== client) {
    throw refuse("the update builds on another device's slot")
  }
}

/** The key stands in an item that has no origin. */
function freshKey(item: Y.Item): string | undefined {
  const parent: unknown = item.parent
  if (parent !== FIELDS) throw refuse('the update writes outside the fields')
  return item.parentSub ?? undefined
}

/** An item with an origin has that one's key. */
function keyOfOrigin(document: Y.Doc, origin: Y.ID): string | undefined {
  if (origin.clock >= Y.getState(document.store, origin.client)) return undefined
  const item: unknown = Y.getItem(document.store, origin)
  return item instanceof Y.Item ? (item.parentSub ?? undefined) : undefined
}

function contentOf(item: Y.Item): Uint8Array {
  if (!(item.content instanceof Y.ContentBinary)) throw refuse('the update holds something else than bytes')
  return item.content.content
}

/** Only the values that this update replaces may be deleted: a slot is taken back by writing into it, never silently. */
function checkDeletions(
  client: number,
  writes: readonly CheckedWrite[],
  deletions: ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>,
): void {
  const replaced = new Set(writes.map(({ replaces }) => replaces))
  for (const [author, ranges] of deletions) {
    if (author !== client) throw refuse('the update deletes what another device wrote')
    for (const { clock, len } of ranges) {
      if (len > writes.length) throw refuse('the update deletes more than it replaces')
      for (let at = clock; at < clock + len; at++) {
        if (!replaced.has(at)) throw refuse('the update deletes more than it replaces')
      }
    }
  }
}
