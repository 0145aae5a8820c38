import { sameBytes } from '@muniment/crypto'
import {
  type Channel,
  type Clock,
  type Cryptography,
  isMunimentError,
  MAX_REPLICA_OBJECT,
  type Milliseconds,
  MunimentError,
  type Random,
} from '@muniment/interface'
import { GRANT_KEY_LENGTH } from './capability.ts'
import type { GrantedObject, GrantedSpace } from './granted-space.ts'
import type { KeptGrant } from './kept-grants.ts'
import {
  chunksOf,
  encodeMessage,
  type HostAnswer,
  type HostRefusal,
  parseProof,
  parseRequest,
  PROOF_TIMEOUT,
  proofOf,
  type ReplicaRequest,
  SILENCE_TIMEOUT,
} from './replica-protocol.ts'

const NONCE_LENGTH = 32

/** What serving a guest needs of the host. */
export interface ServeComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly keyOf: (id: string) => Uint8Array | undefined
  /** Lets a guest in that has proved the grant; `busy` when that grant has too many channels. */
  readonly admit: (channel: Channel, id: string) => KeptGrant | 'busy' | undefined
}

/** Serves one guest to the end of its channel: first the proof, then one request after the other. */
export async function serveGuest(components: ServeComponents, channel: Channel): Promise<void> {
  const receive = (timeout: Milliseconds): Promise<Uint8Array | undefined> =>
    receiveWithin(channel, components.clock, timeout)
  const grant = await askProof(components, { channel, receive })
  if (!grant) return
  for (;;) {
    const message = await receive(SILENCE_TIMEOUT)
    if (!message) return
    await answerRequest(grant.space, { channel, request: parseRequest(message), receive })
  }
}

interface Guest {
  readonly channel: Channel
  readonly receive: (timeout: Milliseconds) => Promise<Uint8Array | undefined>
}

async function askProof(
  { cryptography, random, keyOf, admit }: ServeComponents,
  { channel, receive }: Guest,
): Promise<KeptGrant | undefined> {
  const nonce = random(NONCE_LENGTH)
  await channel.send(encodeMessage({ v: 1, nonce }))
  const message = await receive(PROOF_TIMEOUT)
  if (!message) return undefined
  const said = parseProof(message)
  const id = Buffer.from(said.grant).toString('hex')
  const known = keyOf(id)
  // The same work for a grant that there is not, so that time does not tell which there are.
  const key = known ?? random(GRANT_KEY_LENGTH)
  const expected = proofOf(cryptography, { key, nonce, host: channel.local, guest: channel.remote })
  const isProved = sameBytes(expected, said.proof)
  const grant = isProved && known ? admit(channel, id) : undefined
  if (grant === undefined || grant === 'busy') {
    await channel.send(encodeMessage({ ok: false, code: grant ?? 'refused' }))
    return undefined
  }
  await channel.send(encodeMessage({ ok: true }))
  return grant
}

interface Asked extends Guest {
  readonly request: ReplicaRequest
}

async function answerRequest(space: GrantedSpace, asked: Asked): Promise<void> {
  const { channel, request } = asked
  const answer = (message: HostAnswer): Promise<void> => channel.send(encodeMessage(message))
  try {
    if (request.do === 'list') {
      await answer({ ok: true, ...(await space.page(request.prefix, request.after)) })
    } else if (request.do === 'get') {
      await space.get(request.name, (object) => sendObject(asked, object))
    } else if (request.do === 'delete') {
      await space.delete(request.name)
      await answer({ ok: true })
    } else await takeObject(space, { ...asked, request })
  } catch (error) {
    const code = refusalOf(error)
    if (!code) throw error
    await answer({ ok: false, code })
  }
}

async function sendObject({ channel }: Guest, object: GrantedObject | undefined): Promise<void> {
  if (object && object.size > MAX_REPLICA_OBJECT) {
    throw new MunimentError(
      'ERR_REPLICA_DAMAGED',
      'an object of this host is longer than any that was written',
    )
  }
  await channel.send(encodeMessage({ ok: true, ...(object ? { size: object.size } : {}) }))
  for await (const chunk of object?.chunks() ?? []) await channel.send(chunk)
}

async function takeObject(
  space: GrantedSpace,
  {
    channel,
    request,
    receive,
  }: Asked & { readonly request: { readonly name: string; readonly size: number } },
): Promise<void> {
  await space.put(request, async function* () {
    await channel.send(encodeMessage({ ok: true }))
    yield* chunksOf(request.size, () => receive(SILENCE_TIMEOUT))
  })
  await channel.send(encodeMessage({ ok: true }))
}

/** What a guest is told of an error; nothing for those of the channel, which end it. */
function refusalOf(error: unknown): HostRefusal | undefined {
  if (isMunimentError(error, 'ERR_REPLICA_FULL')) return 'full'
  if (!isMunimentError(error) || error.code.startsWith('ERR_REPLICA_')) return 'trouble'
  return undefined
}

/** The next message; the channel is dropped with `ERR_TIMEOUT` when it does not come in time. */
async function receiveWithin(
  channel: Channel,
  clock: Clock,
  timeout: Milliseconds,
): Promise<Uint8Array | undefined> {
  const done = new AbortController()
  const late = clock.wait(timeout, { signal: done.signal }).then(
    () => channel.abort(new MunimentError('ERR_TIMEOUT', 'the guest was silent for too long')),
    () => undefined,
  )
  try {
    return await channel.receive()
  } finally {
    done.abort()
    await late
  }
}
