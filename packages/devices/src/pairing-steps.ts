import { type CanonicalValue, fromCanonical, open, seal, toCanonical, utf8 } from '@muniment/crypto'
import {
  type Channel,
  type Clock,
  type Cryptography,
  isMunimentError,
  type Milliseconds,
  MunimentError,
  type MunimentErrorCode,
  type Random,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_HANDSHAKE_MESSAGE, MAX_PAIRING_MESSAGE, STEP_TIMEOUT } from './constants.ts'

/** What pairing needs of its surroundings, on both sides. */
export interface PairingComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
}

/** The keys of a pairing once both ends proved that they hold the secret: one for each direction. */
export interface PairingKeys {
  readonly sending: Uint8Array
  readonly receiving: Uint8Array
}

/** Why one end told the other that it goes no further. These words travel. */
export type RefusalWord = 'expired' | 'used' | 'busy' | 'wrong_code' | 'words_differ'

/** The messages of one pairing over one channel: bounded in size and time, sealed from {@link PairingSteps.sealWith} on. */
export interface PairingSteps {
  send(step: string, value: CanonicalValue): Promise<void>
  /** The other end's message, checked. Throws what the other end's refusal stands for, `ERR_PROTOCOL`, `ERR_TIMEOUT`. */
  receive<T>(step: string, schema: v.GenericSchema<T>, timeout?: Milliseconds): Promise<T>
  /** From here on all messages are sealed with these keys. */
  sealWith(keys: PairingKeys): void
  /** Tells the other end why it ends here, as far as it may know, and closes. */
  refuse(word: RefusalWord): Promise<void>
}

const REFUSALS: Readonly<Record<RefusalWord, readonly [MunimentErrorCode, string]>> = {
  expired: ['ERR_INVITATION_EXPIRED', 'this invitation is no longer good: ask for a new one'],
  used: ['ERR_INVITATION_USED', 'this invitation was used or withdrawn: ask for a new one'],
  busy: ['ERR_UNREACHABLE', 'the other device is pairing with somebody else: try again'],
  wrong_code: ['ERR_WRONG_CODE', 'the code is not the one shown, and is used up now: ask for a new one'],
  words_differ: ['ERR_WORDS_DIFFER', 'the words were not confirmed on the other device'],
}

const refusalSchema = v.strictObject({
  refused: v.picklist(['expired', 'used', 'busy', 'wrong_code', 'words_differ']),
})

/** The error that a refusal stands for. */
export function refusalError(word: RefusalWord): MunimentError {
  const [code, message] = REFUSALS[word]
  return new MunimentError(code, message)
}

/** Starts the exchange over a channel. */
export function pairingSteps(
  { cryptography, random, clock }: PairingComponents,
  channel: Channel,
  signal?: AbortSignal,
): PairingSteps {
  let keys: PairingKeys | undefined
  const encode = (step: string, value: CanonicalValue): Uint8Array => {
    const bytes = toCanonical(value)
    return keys ? seal({ cryptography, random }, keys.sending, bytes, utf8(step)) : bytes
  }
  const decode = (step: string, message: Uint8Array): unknown => {
    if (message.length > (keys ? MAX_PAIRING_MESSAGE : MAX_HANDSHAKE_MESSAGE)) {
      throw new MunimentError('ERR_TOO_LARGE', 'the other device sent more than any pairing message holds')
    }
    return fromCanonical(keys ? openStep(cryptography, keys.receiving, message, step) : message)
  }
  return {
    send: (step, value) => channel.send(encode(step, value)),
    sealWith: (made) => {
      keys = made
    },
    async receive(step, schema, timeout = STEP_TIMEOUT) {
      const message = await within({ clock, timeout, signal }, (stop) => channel.receive({ signal: stop }))
      if (!message) throw new MunimentError('ERR_CHANNEL_CLOSED', 'the other device ended the pairing')
      const value = decode(step, message)
      const refusal = v.safeParse(refusalSchema, value)
      if (refusal.success) throw refusalError(refusal.output.refused)
      const parsed = v.safeParse(schema, value)
      if (parsed.success) return parsed.output
      throw new MunimentError('ERR_PROTOCOL', 'the other device does not follow the pairing protocol')
    },
    async refuse(word) {
      try {
        await channel.send(encode(REFUSAL_STEP, { refused: word }))
        await channel.close()
      } catch (error) {
        // The other end is gone already, which is what a refusal comes to.
        if (!isMunimentError(error)) throw error
      }
    },
  }
}

const REFUSAL_STEP = 'refusal'

/** A sealed message is of the step that is due, or a refusal; the seal says which. */
function openStep(
  cryptography: Cryptography,
  key: Uint8Array,
  message: Uint8Array,
  step: string,
): Uint8Array {
  try {
    return open(cryptography, key, message, utf8(step))
  } catch (error) {
    if (!isMunimentError(error, 'ERR_SEAL_OPEN')) throw error
    return open(cryptography, key, message, utf8(REFUSAL_STEP))
  }
}

/** Does something with a signal that aborts when the caller's does or when the time is up: then throws `ERR_TIMEOUT`. */
export async function within<T>(
  {
    clock,
    timeout,
    signal,
  }: { readonly clock: Clock; readonly timeout: Milliseconds; readonly signal: AbortSignal | undefined },
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController()
  const stop = signal ? AbortSignal.any([own.signal, signal]) : own.signal
  // Ahead of the work's own error, which comes from the same signal but says less.
  const end = clock.wait(timeout, { signal: stop }).then(
    () =>
      Promise.reject(
        new MunimentError('ERR_TIMEOUT', 'the other side of the pairing kept silent for too long'),
      ),
    () => (signal?.aborted ? Promise.reject(aborted(signal)) : NEVER),
  )
  try {
    return await Promise.race([end, work(stop)])
  } finally {
    own.abort()
  }
}

const NEVER = new Promise<never>(() => undefined)

function aborted(signal: AbortSignal): MunimentError {
  return new MunimentError('ERR_ABORTED', 'the pairing was given up', { cause: signal.reason })
}
