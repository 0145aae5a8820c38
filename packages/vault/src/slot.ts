import {
  type Cryptography,
  type FieldValue,
  type Milliseconds,
  MunimentError,
  type Random,
} from '@muniment/interface'
import { base64url, fromBase64url, fromCanonical, hashInDomain, toCanonical } from '@muniment/crypto'
import * as v from 'valibot'
import { isFieldValue } from './check-draft.ts'
import { MAX_NAME_LENGTH, MAX_SEEN, MAX_SHARD_RECORDS } from './constants.ts'

/** What a slot is about: `=name` a field, or one of the record's own properties. */
export type Property = `=${string}` | '@record' | '@title' | '@time' | '@removed'

/** Where a slot stands in the map `fields` of a shard's document: `recordIndex/property/clientId`. */
export interface SlotPlace {
  readonly index: number
  readonly property: Property
  /** The Yjs client id that the roster assigned to the device that wrote it. No other may write it. */
  readonly client: number
}

/** One device's last word on one property of one record. */
export interface Slot extends SlotPlace {
  /** Names this write: a hash of its content and place, so that only who has seen the write can name it. */
  readonly id: string
  /** When the writer's clock said it was written. Shown, and never what decides between two values alone. */
  readonly at: Milliseconds
  /** The writes that this one replaces: those of other devices that its writer had seen. */
  readonly seen: readonly string[]
  /** The whole value; absent when the property was taken away. */
  readonly value?: FieldValue
}

const KEY = /^(0|[1-9][0-9]{0,3})\/(=[\s\S]+|@record|@title|@time|@removed)\/(0|[1-9][0-9]{0,9})$/
const NONCE_LENGTH = 8
const HASH_LENGTH = 16

const hash = v.pipe(v.instance(Uint8Array), v.length(HASH_LENGTH))
const slotSchema = v.strictObject({
  at: v.pipe(v.number(), v.finite()),
  nonce: v.pipe(v.instance(Uint8Array), v.length(NONCE_LENGTH)),
  seen: v.pipe(v.array(hash), v.maxLength(MAX_SEEN)),
  value: v.exactOptional(v.unknown()),
})

/** The key of a slot in the map `fields`. */
export function slotKey({ index, property, client }: SlotPlace): string {
  return `${index}/${property}/${client}`
}

/** Reads a slot's key; `undefined` for anything but the one spelling of a well-formed key. */
export function parseSlotKey(key: string): SlotPlace | undefined {
  const [, index, property, client] = KEY.exec(key) ?? []
  if (index === undefined || client === undefined || !isProperty(property)) return undefined
  const place = { index: Number(index), property, client: Number(client) }
  return place.index < MAX_SHARD_RECORDS && place.client < 2 ** 32 ? place : undefined
}

function isProperty(text: string | undefined): text is Property {
  if (text === undefined) return false
  if (text.startsWith('=')) return text.length <= MAX_NAME_LENGTH + 1
  return ['@record', '@title', '@time', '@removed'].includes(text)
}

/** The content of a slot: canonical bytes with a nonce, so that the hash that names the write cannot be foreseen. */
export function encodeSlot(
  random: Random,
  { at, seen, value }: { at: Milliseconds; seen: readonly string[]; value: FieldValue | undefined },
): Uint8Array {
  if (seen.length > MAX_SEEN) {
    throw new MunimentError('ERR_TOO_LARGE', `a write replaces ${MAX_SEEN} others at the most`)
  }
  const content = { at, nonce: random(NONCE_LENGTH), seen: seen.map((id) => fromBase64url(id)) }
  return toCanonical(value === undefined ? content : { ...content, value })
}

/** Reads a slot; throws `ERR_MALFORMED`. */
export function parseSlot(
  cryptography: Cryptography,
  shard: string,
  { place, content }: { place: SlotPlace; content: Uint8Array },
): Slot {
  const parsed = v.safeParse(slotSchema, fromCanonical(content))
  if (!parsed.success) throw malformed()
  const { at, seen, value } = parsed.output
  const named = toCanonical([shard, slotKey(place), content])
  const slot = {
    ...place,
    id: base64url(hashInDomain(cryptography, 'muniment/slot/1', named).subarray(0, HASH_LENGTH)),
    at,
    seen: seen.map((bytes) => base64url(bytes)),
  }
  if (!('value' in parsed.output)) return slot
  if (!isFieldValue(value)) throw malformed()
  return { ...slot, value }
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not what a device wrote about a field')
}
