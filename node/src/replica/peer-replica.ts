import {
  type Channel,
  type Cryptography,
  isMunimentError,
  MunimentError,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import { nodeCryptography } from '../platform/index.ts'
import { type PeerCapability, readCapabilityLink } from './capability.ts'
import { dialFresh, type FreshDial } from './dial-fresh.ts'
import { inTurn } from './in-turn.ts'
import { checkName, checkPrefix, checkSize, refuseAborted } from './object-checks.ts'
import {
  encodeMessage,
  type HostAnswer,
  type HostNo,
  type HostRefusal,
  parseAnswer,
  parseHello,
  proofOf,
  receiveChunks,
  REPLICA_PROTOCOL,
  type ReplicaRequest,
  sendChunks,
} from './replica-protocol.ts'

/** A place at a host of replicas. */
export interface PeerReplicaInit {
  /** The link that the host handed out, or what it says. */
  readonly capability: string | PeerCapability
  /**
   * Opens a channel to one of the addresses. By default under a network identity made for this alone, so that a host
   * learns no device's peer id, and two hosts have none in common.
   */
  readonly dial?: FreshDial['dial']
  readonly cryptography?: Cryptography
}

/**
 * A replica at a host that keeps it without knowing whose it is. Nothing is dialled before the first call; a channel
 * that was lost is opened again. Requests take turns on one channel. Throws `ERR_MALFORMED` and `ERR_UNSUPPORTED` for a
 * link that is none; its calls `ERR_REPLICA_DAMAGED` also for a host that breaks the protocol.
 */
export async function openPeerReplica(init: PeerReplicaInit): Promise<ReplicaStorage> {
  const { capability: given, cryptography = nodeCryptography } = init
  const capability = typeof given === 'string' ? readCapabilityLink(given) : given
  const fresh = init.dial ? { dial: init.dial, stop: async () => undefined } : dialFresh()
  const line = hostLine({ capability, cryptography, dial: fresh.dial })
  return {
    list: (prefix, options) => listHost(line, prefix, options),
    async get(name, options) {
      checkName(name)
      return line.call(options, async (channel) => {
        const answer = await ask(channel, { do: 'get', name })
        return 'size' in answer ? receiveChunks(answer.size, () => channel.receive()) : undefined
      })
    },
    async put(name, bytes, options) {
      checkName(name)
      checkSize(bytes)
      const kept = bytes.slice()
      await line.call(options, async (channel) => {
        await ask(channel, { do: 'put', name, size: kept.length })
        await sendChunks(channel, kept)
        accepted(parseAnswer(await received(channel)))
      })
    },
    async delete(name, options) {
      checkName(name)
      await line.call(options, (channel) => ask(channel, { do: 'delete', name }))
    },
    async close() {
      line.hangUp()
      await fresh.stop()
    },
  }
}

/** A line to a host, on which calls take turns. */
interface HostLine {
  call<T>(options: ReplicaCallOptions | undefined, talk: (channel: Channel) => Promise<T>): Promise<T>
  hangUp(): void
}

interface LineInit {
  readonly capability: PeerCapability
  readonly cryptography: Cryptography
  readonly dial: FreshDial['dial']
}

function hostLine(init: LineInit): HostLine {
  const turn = inTurn()
  let open: Channel | undefined
  const drop = (): void => {
    open?.abort(new Error('this channel is not used any more'))
    open = undefined
  }
  const attempt = async <T>(
    signal: AbortSignal | undefined,
    talk: (channel: Channel) => Promise<T>,
  ): Promise<T> => {
    signal?.addEventListener('abort', drop, { once: true })
    try {
      open ??= await openLine(init, signal)
      return await talk(open)
    } catch (error) {
      // A refusal leaves the channel as it was, between two requests; after anything else nobody knows where it is.
      if (!isRefusal(error)) drop()
      throw error
    } finally {
      signal?.removeEventListener('abort', drop)
    }
  }
  return {
    call: (options, talk) =>
      turn(async () => {
        refuseAborted(options)
        const wasOpen = open !== undefined
        try {
          // A channel that was silent for long may be gone; every request can be made twice.
          return await attempt(options?.signal, talk).catch((error: unknown) => {
            if (!wasOpen || !isLost(error) || options?.signal?.aborted) throw error
            return attempt(options?.signal, talk)
          })
        } catch (cause) {
          throw translated(cause, options)
        }
      }),
    hangUp: drop,
  }
}

async function openLine(
  { capability, cryptography, dial }: LineInit,
  signal: AbortSignal | undefined,
): Promise<Channel> {
  const channel = await dialAny(capability.addresses, dial, signal)
  try {
    const { nonce } = parseHello(await received(channel, signal))
    const peers = { host: channel.remote, guest: channel.local }
    const proof = proofOf(cryptography, { key: capability.key, nonce, ...peers })
    await channel.send(encodeMessage({ grant: capability.id, proof }))
    accepted(parseAnswer(await received(channel, signal)))
    return channel
  } catch (error) {
    channel.abort(new Error('the host does not let this in'))
    throw error
  }
}

async function dialAny(
  addresses: readonly string[],
  dial: FreshDial['dial'],
  signal: AbortSignal | undefined,
): Promise<Channel> {
  let last: unknown
  for (const address of addresses) {
    try {
      return await dial(address, REPLICA_PROTOCOL, signal ? { signal } : {})
    } catch (error) {
      last = error
    }
  }
  throw last ?? new MunimentError('ERR_UNREACHABLE', 'the host gave no address')
}

async function received(channel: Channel, signal?: AbortSignal): Promise<Uint8Array> {
  const message = await channel.receive(signal ? { signal } : {})
  if (message) return message
  throw new MunimentError('ERR_CHANNEL_CLOSED', 'the host closed the channel')
}

type HostAccepted = Exclude<HostAnswer, HostNo>

async function ask(channel: Channel, request: ReplicaRequest): Promise<HostAccepted> {
  await channel.send(encodeMessage(request))
  return accepted(parseAnswer(await received(channel)))
}

function accepted(answer: HostAnswer): HostAccepted {
  if (answer.ok) return answer
  throw REFUSALS[answer.code]()
}

const REFUSALS: Readonly<Record<HostRefusal, () => MunimentError>> = {
  busy: () =>
    new MunimentError('ERR_REPLICA_UNREACHABLE', 'the host is busy with other devices of this vault'),
  full: () => new MunimentError('ERR_REPLICA_FULL', 'the host gives this vault no more room'),
  refused: () => new MunimentError('ERR_REPLICA_REFUSED', 'the host no longer keeps anything for this vault'),
  trouble: () => new MunimentError('ERR_REPLICA_UNREACHABLE', 'the host has trouble of its own'),
}

function isRefusal(error: unknown): boolean {
  return isMunimentError(error) && error.code.startsWith('ERR_REPLICA_')
}

/** True for a channel that ended, as one does that was silent for too long. */
function isLost(error: unknown): boolean {
  return isMunimentError(error, 'ERR_CHANNEL_CLOSED') || isMunimentError(error, 'ERR_TIMEOUT')
}

const DAMAGED = new Set(['ERR_MALFORMED', 'ERR_TOO_LARGE'])

/** The errors of a channel as those of a replica. */
function translated(cause: unknown, { signal }: ReplicaCallOptions = {}): unknown {
  if (signal?.aborted) return new MunimentError('ERR_ABORTED', 'this was given up', { cause })
  if (!isMunimentError(cause) || isRefusal(cause)) return cause
  if (DAMAGED.has(cause.code)) {
    return new MunimentError('ERR_REPLICA_DAMAGED', 'the host answers what it must not', { cause })
  }
  if (cause.code === 'ERR_PROTOCOL' || cause.code === 'ERR_INVALID_ARGUMENT') {
    return new MunimentError('ERR_REPLICA_REFUSED', 'there is no host of replicas at this address', { cause })
  }
  return new MunimentError('ERR_REPLICA_UNREACHABLE', 'the host of the replica cannot be reached', { cause })
}

async function* listHost(
  line: HostLine,
  prefix: string,
  options?: ReplicaCallOptions,
): AsyncGenerator<ReplicaObject> {
  checkPrefix(prefix)
  let after = ''
  for (;;) {
    const request = { do: 'list', prefix, after } as const
    const page = await line.call(options, (channel) => ask(channel, request))
    if (!('objects' in page)) throw new MunimentError('ERR_REPLICA_DAMAGED', 'the host lists nothing')
    for (const object of page.objects) {
      // Always further: so no host makes a listing go in circles.
      if (object.name <= after) throw new MunimentError('ERR_REPLICA_DAMAGED', 'the host lists out of order')
      after = object.name
      if (object.name.startsWith(prefix)) yield object
    }
    if (!page.isMore) return
    if (page.objects.length === 0)
      throw new MunimentError('ERR_REPLICA_DAMAGED', 'the host’s listing does not end')
  }
}
