import { base64url, fromBase64url } from '@muniment/crypto'
import type { DeviceId } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { ENTRY_LENGTH, FULL_NAME_LENGTH, SPAN_LENGTH } from './constants.ts'
import type { Span } from './coverage.ts'
import { fromHex, hex } from './hex.ts'
import { bytesOf, count, sequence } from './schemas.ts'

/** A pack as heads and indexes list it. */
export interface PackEntry {
  readonly name: string
  /** Index of its size. */
  readonly size: number
  /** What it holds of which logs. None for a pack of frames that prove a fork, which count for nothing else. */
  readonly spans: readonly Span[]
}

/** Entries as they are encoded: devices once, then for each pack its name, size, and spans as numbers in threes. */
export interface EncodedEntries {
  readonly devices: readonly Uint8Array[]
  readonly entries: readonly EncodedEntry[]
}

type EncodedEntry = readonly [Uint8Array, number, readonly number[]]

const KEY_LENGTH = 32

/** The fields of {@link EncodedEntries}. */
export const entriesFields: {
  readonly devices: v.GenericSchema<unknown, Uint8Array[]>
  readonly entries: v.GenericSchema<unknown, [Uint8Array, number, number[]][]>
} = {
  devices: v.array(bytesOf(KEY_LENGTH)),
  entries: v.array(v.strictTuple([bytesOf(FULL_NAME_LENGTH), v.pipe(count, v.maxValue(2)), v.array(count)])),
}

/** Encodes entries for a head or an index. */
export function encodeEntries(entries: Iterable<PackEntry>): EncodedEntries {
  const numbers = new Map<DeviceId, number>()
  const encoded: EncodedEntry[] = []
  for (const { name, size, spans } of entries) {
    const flat: number[] = []
    for (const { device, first, last } of spans) {
      const number = numbers.get(device) ?? numbers.size
      numbers.set(device, number)
      flat.push(number, first, last)
    }
    encoded.push([fromHex(name), size, flat])
  }
  return { devices: [...numbers.keys()].map(fromBase64url), entries: encoded }
}

/** Decodes what {@link encodeEntries} made; throws `ERR_MALFORMED`. */
export function decodeEntries({ devices, entries }: EncodedEntries): PackEntry[] {
  const ids = devices.map(base64url)
  return entries.map(([name, size, flat]) => ({ name: hex(name), size, spans: spansOf(ids, flat) }))
}

function spansOf(ids: readonly DeviceId[], flat: readonly number[]): Span[] {
  const spans: Span[] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [device, first, last] = [ids[flat[at] ?? -1], flat[at + 1], flat[at + 2]]
    const isSpan = device !== undefined && first !== undefined && last !== undefined
    if (!isSpan || first < 1 || last < first) throw malformed()
    spans.push({ device, first, last })
  }
  return spans
}

/** Bytes that an entry takes when encoded, at the most. */
export function entryLength({ spans }: PackEntry): number {
  return ENTRY_LENGTH + SPAN_LENGTH * spans.length
}

/** Spans with neighbours joined: what frames in order of their devices come to. */
export function joinedSpans(spans: Iterable<Span>): Span[] {
  const joined: Span[] = []
  const newest = new Map<DeviceId, number>()
  for (const { device, first, last } of spans) {
    const at = newest.get(device)
    const held = at === undefined ? undefined : joined[at]
    if (at !== undefined && held && held.last + 1 === first) joined[at] = { ...held, last }
    else {
      newest.set(device, joined.length)
      joined.push({ device, first, last })
    }
  }
  return joined
}

/** The span of a frame's own bytes, without checking anything but their shape. Throws `ERR_MALFORMED`. */
export function spanOfFrame(frame: unknown): Span {
  const parsed = v.safeParse(frameSchema, frame)
  if (!parsed.success) throw malformed()
  const { device, first, entries } = parsed.output
  return { device, first, last: first + entries.length - 1 }
}

const frameSchema = v.object({
  device: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  first: sequence,
  entries: v.pipe(v.array(v.unknown()), v.minLength(1)),
})

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'a list of packs is not well formed')
}
