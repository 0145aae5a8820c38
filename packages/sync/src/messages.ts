import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type DeviceId, MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import {
  MAX_LANDMARKS,
  MAX_MESSAGE_FRAMES,
  MAX_SPOKEN_DEVICES,
  MAX_SYNC_MESSAGE,
  PROOF_NONCE_LENGTH,
} from './constants.ts'

/** How far a peer holds one device's log. */
export interface SpokenHead {
  readonly seq: number
  readonly hash: string
  readonly forkedAt?: number
}

/** Which keyring a peer holds. */
export interface SpokenKeyring {
  /** `null` when there is none yet. */
  readonly epoch: string | null
  readonly version: Readonly<Record<string, number>>
}

/** First message each way: fresh randomness for the other's proof. */
export interface Hello {
  readonly type: 'hello'
  readonly nonce: Uint8Array
}

/** Second message each way: which device this is, proved by its key. */
export interface Proof {
  readonly type: 'proof'
  readonly device: DeviceId
  readonly signature: Uint8Array
}

/** Third message each way: what is held. */
export interface Held {
  readonly type: 'held'
  readonly heads: Readonly<Record<DeviceId, SpokenHead>>
  readonly keyring: SpokenKeyring
}

/** Everything after that, in any order. */
export type LiveMessage =
  | { readonly type: 'keyring'; readonly described: SpokenKeyring; readonly bytes: Uint8Array }
  | { readonly type: 'frames'; readonly frames: readonly Uint8Array[] }
  | { readonly type: 'stored'; readonly frames: number }
  | {
      readonly type: 'locate'
      readonly device: DeviceId
      readonly landmarks: readonly { readonly seq: number; readonly hash: string }[]
    }
  | { readonly type: 'again'; readonly device: DeviceId; readonly after: number }
  | { readonly type: 'refetch'; readonly device: DeviceId; readonly first: number; readonly last: number }
  | { readonly type: 'alive' }

/** What is answered with frames. */
export type QuestionMessage = Extract<LiveMessage, { type: 'locate' | 'again' | 'refetch' }>

/** Said instead of a greeting to a device that was removed: it is served no more. */
export interface Removed {
  readonly type: 'removed'
}

/** Any message of the protocol. */
export type SyncMessage = Hello | Proof | Held | Removed | LiveMessage

const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array)
const bytesOf = (length: number) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)
const name = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const few = <V>(value: v.GenericSchema<unknown, V>) =>
  v.pipe(
    v.record(name, value),
    v.check((map: Record<string, V>) => Object.keys(map).length <= MAX_SPOKEN_DEVICES),
  )
const keyring = v.strictObject({ epoch: v.nullable(name), version: few(count) })
const landmark = v.strictObject({ seq, hash: name })

const messageSchema = v.variant('type', [
  v.strictObject({ type: v.literal('hello'), nonce: bytesOf(PROOF_NONCE_LENGTH) }),
  v.strictObject({ type: v.literal('proof'), device: name, signature: bytesOf(64) }),
  v.strictObject({
    type: v.literal('held'),
    heads: few(v.strictObject({ seq, hash: name, forkedAt: v.exactOptional(seq) })),
    keyring,
  }),
  v.strictObject({ type: v.literal('keyring'), described: keyring, bytes }),
  v.strictObject({
    type: v.literal('frames'),
    frames: v.pipe(v.array(bytes), v.minLength(1), v.maxLength(MAX_MESSAGE_FRAMES)),
  }),
  v.strictObject({ type: v.literal('stored'), frames: v.pipe(count, v.minValue(1)) }),
  v.strictObject({
    type: v.literal('locate'),
    device: name,
    landmarks: v.pipe(v.array(landmark), v.maxLength(MAX_LANDMARKS)),
  }),
  v.strictObject({ type: v.literal('again'), device: name, after: count }),
  v.strictObject({ type: v.literal('refetch'), device: name, first: seq, last: seq }),
  v.strictObject({ type: v.literal('removed') }),
  v.strictObject({ type: v.literal('alive') }),
])

/** The bytes of a message. */
export function encodeMessage(message: SyncMessage): Uint8Array {
  return toCanonical(plain(message))
}

/** Parses what a peer sent. Throws `ERR_MALFORMED`; every part has a bound, and nothing is built before it is checked. */
export function parseMessage(message: Uint8Array): SyncMessage {
  if (message.length > MAX_SYNC_MESSAGE) throw malformed()
  const parsed = v.safeParse(messageSchema, fromCanonical(message))
  if (!parsed.success) throw malformed()
  return parsed.output
}

/** Plain maps, which is what the encoding takes. */
function plain(message: SyncMessage): Parameters<typeof toCanonical>[0] {
  if (message.type === 'held') {
    const heads = Object.fromEntries(
      Object.entries(message.heads).map(([device, head]) => [device, { ...head }]),
    )
    return { type: message.type, heads, keyring: { ...message.keyring } }
  }
  if (message.type === 'keyring') return { ...message, described: { ...message.described } }
  if (message.type === 'locate') {
    return { ...message, landmarks: message.landmarks.map(({ seq, hash }) => ({ seq, hash })) }
  }
  return { ...message }
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not a message of the sync protocol')
}
