import { fromCanonical, inDomain, toCanonical } from '@muniment/crypto'
import {
  type Channel,
  type Cryptography,
  MAX_REPLICA_OBJECT,
  type Milliseconds,
  MunimentError,
  type PeerId,
  REPLICA_OBJECT_SIZES,
  type ReplicaObject,
} from '@muniment/interface'
import * as v from 'valibot'
import { GRANT_ID_LENGTH } from './capability.ts'

/** The protocol between a vault's device and a host of replicas, of which neither needs to know the other. */
export const REPLICA_PROTOCOL = '/muniment/replica/1'

/** Bytes of one message of an object's content. */
export const CHUNK: number = 1 << 18

/** Objects in one page of a listing. */
export const PAGE = 1000

/** Bytes of a nonce and of a proof. */
const NONCE_LENGTH = 32

/** Milliseconds in which who opened a channel must have proved a grant. */
export const PROOF_TIMEOUT: Milliseconds = 10_000

/** Milliseconds of silence after which a host closes a channel. */
export const SILENCE_TIMEOUT: Milliseconds = 60_000

const PROOF_DOMAIN = 'muniment/replica-capability/1'

const bytesOf = (length: number): v.GenericSchema<unknown, Uint8Array> =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)
const name = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u))
const start = v.pipe(v.string(), v.regex(/^[0-9a-f]{0,64}$/u))
const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))

/** A host's first message: what the proof is made over. */
export interface Hello {
  readonly v: 1
  readonly nonce: Uint8Array
}

/** A guest's first message. */
export interface Proof {
  readonly grant: Uint8Array
  readonly proof: Uint8Array
}

/** What a guest asks for, one after the other. After `put` and the host's yes come the chunks. */
export type ReplicaRequest =
  | { readonly do: 'list'; readonly prefix: string; readonly after: string }
  | { readonly do: 'get'; readonly name: string }
  | { readonly do: 'put'; readonly name: string; readonly size: number }
  | { readonly do: 'delete'; readonly name: string }

/** Why a host does not: no room in the grant or on its disk, no such grant, too many channels, or its own trouble. */
export type HostRefusal = 'busy' | 'full' | 'refused' | 'trouble'

/** What a host answers when it is done, or lets the guest send. */
export interface HostYes {
  readonly ok: true
}

/** What a host answers to `get`: the size of the object whose chunks follow; none when it has no such object. */
export interface HostObject extends HostYes {
  readonly size: number
}

/** What a host answers to `list`. */
export interface HostPage extends HostYes {
  readonly objects: readonly ReplicaObject[]
  readonly isMore: boolean
}

/** What a host answers when it does not. */
export interface HostNo {
  readonly ok: false
  readonly code: HostRefusal
}

/** What a host answers. */
export type HostAnswer = HostNo | HostObject | HostPage | HostYes

const helloSchema: v.GenericSchema<unknown, Hello> = v.strictObject({
  v: v.literal(1),
  nonce: bytesOf(NONCE_LENGTH),
})
const proofSchema: v.GenericSchema<unknown, Proof> = v.strictObject({
  grant: bytesOf(GRANT_ID_LENGTH),
  proof: bytesOf(NONCE_LENGTH),
})
const requestSchema: v.GenericSchema<unknown, ReplicaRequest> = v.variant('do', [
  v.strictObject({ do: v.literal('list'), prefix: start, after: start }),
  v.strictObject({ do: v.literal('get'), name }),
  v.strictObject({
    do: v.literal('put'),
    name,
    size: v.pipe(
      size,
      v.check((bytes) => REPLICA_OBJECT_SIZES.includes(bytes)),
    ),
  }),
  v.strictObject({ do: v.literal('delete'), name }),
])
const answerSchema: v.GenericSchema<unknown, HostAnswer> = v.union([
  v.strictObject({ ok: v.literal(true) }),
  v.strictObject({ ok: v.literal(true), size: v.pipe(size, v.maxValue(MAX_REPLICA_OBJECT)) }),
  v.strictObject({
    ok: v.literal(true),
    objects: v.pipe(v.array(v.strictObject({ name, size })), v.maxLength(PAGE)),
    isMore: v.boolean(),
  }),
  v.strictObject({ ok: v.literal(false), code: v.picklist(['busy', 'full', 'refused', 'trouble']) }),
])

/** Encodes a message, in deterministic CBOR. */
export function encodeMessage(message: Hello | HostAnswer | Proof | ReplicaRequest): Uint8Array {
  if (!('objects' in message)) return toCanonical({ ...message })
  const objects = message.objects.map(({ name, size }) => ({ name, size }))
  return toCanonical({ ok: true, objects, isMore: message.isMore })
}

/** Reads a host's first message. Throws `ERR_MALFORMED`, as the others do. */
export function parseHello(bytes: Uint8Array): Hello {
  return parse(helloSchema, bytes)
}

/** Reads a guest's first message. */
export function parseProof(bytes: Uint8Array): Proof {
  return parse(proofSchema, bytes)
}

/** Reads what a guest asks for. */
export function parseRequest(bytes: Uint8Array): ReplicaRequest {
  return parse(requestSchema, bytes)
}

/** Reads what a host answers. */
export function parseAnswer(bytes: Uint8Array): HostAnswer {
  return parse(answerSchema, bytes)
}

function parse<T>(schema: v.GenericSchema<unknown, T>, bytes: Uint8Array): T {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (parsed.success) return parsed.output
  throw new MunimentError('ERR_MALFORMED', 'this is no message between a vault and a host of replicas')
}

/** Whom a proof is between: it holds on one channel only, and a host that is handed it cannot use it at another. */
export interface ProofInit {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly host: PeerId
  readonly guest: PeerId
}

/** The proof that a guest has the key of a grant, without the key. */
export function proofOf(cryptography: Cryptography, { key, nonce, host, guest }: ProofInit): Uint8Array {
  return cryptography.hmacSha256(key, inDomain(PROOF_DOMAIN, toCanonical({ nonce, host, guest })))
}

/** Sends an object's content. */
export async function sendChunks(channel: Channel, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK) await channel.send(bytes.subarray(at, at + CHUNK))
}

/**
 * The parts of an object as they come, each of the one length that it must have, so that the other end can neither
 * send more than was said nor go on for ever. Throws `ERR_MALFORMED`.
 */
export async function* chunksOf(
  length: number,
  receive: () => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += CHUNK) {
    const chunk = await receive()
    if (chunk?.length !== Math.min(CHUNK, length - at)) {
      throw new MunimentError('ERR_MALFORMED', 'an object was sent with another length than was said')
    }
    yield chunk
  }
}

/** Receives an object's content whole. Throws `ERR_MALFORMED`. */
export async function receiveChunks(
  length: number,
  receive: () => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const chunk of chunksOf(length, receive)) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
