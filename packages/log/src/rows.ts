import { base64url, concat, fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type DeviceId,
  MunimentError,
  type Store,
  type StoreChange,
  type VersionVector,
} from '@muniment/interface'
import * as v from 'valibot'

/** How far one device's log is held here. */
export interface Head {
  readonly seq: number
  /** Hash of the last frame held. */
  readonly hash: Uint8Array
  /** What that device had seen of the others at its last entry. */
  readonly clocks: VersionVector
  /** From this number on the device signed two histories: nothing from there is delivered. */
  readonly forkedAt?: number
  /** Set on the own device once others proved to hold entries of it that this store had lost. */
  readonly isRolledBack?: boolean
}

/** A frame as a row: its bytes, and what its writer had seen before its first entry and after its last. */
export interface FrameRow {
  readonly bundle: Uint8Array
  readonly last: number
  /** Hash of the frame before. */
  readonly previous: Uint8Array
  readonly before: VersionVector
  readonly after: VersionVector
}

/** A frame as a row, with the number of its first entry. */
export interface PlacedFrameRow extends FrameRow {
  readonly first: number
}

const HEADS = 'log/heads'
const PROOFS = 'log/forks'
const framesOf = (device: DeviceId): string => `log/frames/${device}`
const rivalsOf = (device: DeviceId): string => `log/rivals/${device}`

const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array)
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const clocks = v.record(v.string(), count)
const headSchema = v.strictObject({
  seq: count,
  hash: bytes,
  clocks,
  forkedAt: v.exactOptional(count),
  isRolledBack: v.exactOptional(v.boolean()),
})
const frameNoteSchema = v.strictObject({
  last: count,
  previous: bytes,
  before: clocks,
  after: clocks,
})
const proofSchema = v.strictObject({
  seq: count,
  frames: v.tuple([bytes, bytes]),
})

/** The change that writes a head. */
export function headChange(device: DeviceId, head: Head): StoreChange {
  return { table: HEADS, key: device, value: toCanonical({ ...head }) }
}

/**
 * All heads held.
 *
 * @param onDamaged - called for each that does not open; without it, the first throws `ERR_STORE_DAMAGED`
 */
export async function readHeads(store: Store, onDamaged?: () => void): Promise<Map<DeviceId, Head>> {
  const heads = new Map<DeviceId, Head>()
  const options = onDamaged ? { onDamaged } : {}
  for await (const { key, value } of store.listNames(HEADS, options))
    heads.set(key, parseRow(headSchema, value))
  return heads
}

/**
 * The change that writes a frame: u32 length of what is noted beside it, that note, the frame's bytes. The frame is
 * not wrapped in another encoding, so that sending it costs no decoding.
 */
export function frameChange(device: DeviceId, row: PlacedFrameRow): StoreChange {
  const { first, last, previous, before, after } = row
  const note = toCanonical({ last, previous, before, after })
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, note.length)
  return { table: framesOf(device), key: first, value: concat(length, note, row.bundle) }
}

function parseFrameRow(value: Uint8Array): FrameRow {
  if (value.length < 4) throw damaged()
  const end = 4 + new DataView(value.buffer, value.byteOffset).getUint32(0)
  const note = parseRow(frameNoteSchema, value.subarray(4, end))
  return { ...note, bundle: value.subarray(end) }
}

/** The frames of a device that open, in order; what does not is passed over. */
export async function* listFrameRows(store: Store, device: DeviceId): AsyncGenerator<PlacedFrameRow> {
  for await (const { key, value } of store.list(framesOf(device), { onDamaged: () => undefined })) {
    const row = rowOrNothing(value)
    if (row) yield { first: key, ...row }
  }
}

function rowOrNothing(value: Uint8Array): FrameRow | undefined {
  try {
    return parseFrameRow(value)
  } catch (error) {
    if (error instanceof MunimentError) return undefined
    throw error
  }
}

/** The frame that holds entry `seq`, with the number of its first entry. */
export async function readFrameWith(
  store: Store,
  device: DeviceId,
  seq: number,
): Promise<PlacedFrameRow | undefined> {
  const exact = await store.get(framesOf(device), seq)
  if (exact) return { first: seq, ...parseFrameRow(exact) }
  for await (const { key, value } of store.list(framesOf(device), { to: seq, reverse: true, limit: 1 })) {
    const row = parseFrameRow(value)
    return row.last >= seq ? { first: key, ...row } : undefined
  }
  return undefined
}

/**
 * The frames from the one that holds entry `from` to the one that holds entry `to`, in order. `newest` is the last frame
 * of the device, where it is in memory.
 */
export async function* readFrames(
  store: Store,
  device: DeviceId,
  {
    from,
    to,
    newest,
  }: { readonly from: number; readonly to: number; readonly newest?: PlacedFrameRow | undefined },
): AsyncGenerator<PlacedFrameRow> {
  if (from > to) return
  if (newest && newest.first <= from && to <= newest.last) {
    yield newest
    return
  }
  const start = await readFrameWith(store, device, from)
  if (!start) throw damaged()
  yield start
  let next = start.last + 1
  if (next > to) return
  for await (const { key, value } of store.list(framesOf(device), { from: next, to })) {
    const row = parseFrameRow(value)
    if (key !== next) throw damaged()
    next = row.last + 1
    yield { first: key, ...row }
  }
  if (next <= to) throw damaged()
}

/** The change that keeps a frame of another branch, the `index`th of its device. */
export function rivalChange(device: DeviceId, index: number, bundle: Uint8Array): StoreChange {
  return { table: rivalsOf(device), key: index, value: bundle }
}

/** The frames of other branches of a device. */
export async function* readRivals(store: Store, device: DeviceId): AsyncGenerator<Uint8Array> {
  for await (const { value } of store.list(rivalsOf(device))) yield value
}

/** Two signed frames of one device that cannot both be of one honest log. */
export interface ForkProof {
  readonly device: DeviceId
  /** The first entry number at which the branches are known to differ. Nothing from there on is delivered. */
  readonly seq: number
  /** The two frames without their payloads. Anyone with the vault's id can check them. */
  readonly frames: readonly [Uint8Array, Uint8Array]
}

/** The change that writes a proof. */
export function proofChange({ device, seq, frames }: ForkProof): StoreChange {
  return { table: PROOFS, key: device, value: toCanonical({ seq, frames }) }
}

/** All proofs held. */
export async function readProofs(store: Store): Promise<Map<DeviceId, ForkProof>> {
  const proofs = new Map<DeviceId, ForkProof>()
  for await (const { key, value } of store.listNames(PROOFS)) {
    proofs.set(key, { device: key, ...parseRow(proofSchema, value) })
  }
  return proofs
}

/** A hash as people and other packages write it. */
export function hashText(hash: Uint8Array): string {
  return base64url(hash)
}

function parseRow<S extends v.GenericSchema>(schema: S, value: Uint8Array): v.InferOutput<S> {
  const parsed = v.safeParse(schema, fromCanonical(value))
  if (!parsed.success) throw damaged()
  return parsed.output
}

function damaged(): MunimentError {
  return new MunimentError('ERR_STORE_DAMAGED', 'a part of the log is missing or not what was written')
}
