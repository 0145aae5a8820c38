import { fromBase64url } from '@muniment/crypto'
import { type Channel, type Milliseconds, MunimentError } from '@muniment/interface'
import { askPerson, type ConfirmWords } from './confirm-words.ts'
import {
  INVITATION_LIFETIME,
  KEYRING_PART,
  LINK_SECRET_LENGTH,
  MAX_ADDRESSES,
  MAX_PARALLEL_PAIRINGS,
  WORDS_TIMEOUT,
} from './constants.ts'
import { makeCode } from './invitation-code.ts'
import { invitationLink, type InvitationSecret } from './invitation-secret.ts'
import { giveUp } from './join.ts'
import type { Keyring } from './keyring.ts'
import { listeners } from './listeners.ts'
import { type Joining, joiningProof, joiningSchema, receivedSchema } from './pairing-grant.ts'
import { type Handshake, handshakeAsInviter } from './pairing-handshake.ts'
import {
  type PairingComponents,
  type PairingSteps,
  pairingSteps,
  refusalError,
  type RefusalWord,
} from './pairing-steps.ts'
import type { RosterDevice } from './resolve-roster.ts'
import type { Roster } from './roster.ts'
import { plainGranted } from './roster-rows.ts'

/** What inviting needs of its surroundings. */
export interface InviteComponents extends PairingComponents {
  readonly roster: Roster
  readonly keyring: Keyring
}

/**
 * `open`: it can be answered. `used`: somebody proved to hold the secret, whether or not the words were confirmed
 * then. `burnt`: somebody guessed wrong. In all but the first, a new invitation is needed.
 */
export type InvitationState = 'open' | 'used' | 'burnt' | 'expired' | 'withdrawn'

/** One invitation, shown to one person, good once. It lives in this process's memory only: a restart ends it. */
export interface Invitation {
  /** `muniment:pair?…`, as text or as a QR code: 128 bits and this device's addresses. */
  readonly link: string
  /** The same for typing: nine letters in threes, of which the last is a check letter. */
  readonly code: string
  readonly expiresAt: Milliseconds
  state(): InvitationState
  /** Calls the listener when it was used, burnt or withdrawn. */
  onChange(listener: () => void): () => void
  /** Makes it useless at once. */
  withdraw(): void
  /**
   * Answers a device that dialled the pairing protocol. Resolves with the new device once it is enrolled and the
   * keyring is sealed to it too. Throws `ERR_WRONG_CODE` (the invitation is burnt), `ERR_WORDS_DIFFER`,
   * `ERR_INVITATION_EXPIRED`, `ERR_INVITATION_USED`, `ERR_TIMEOUT`, `ERR_ABORTED`, `ERR_PROTOCOL`, `ERR_CHANNEL_CLOSED`;
   * the channel is closed then.
   */
  accept(
    channel: Channel,
    options: {
      readonly confirmWords: ConfirmWords
      /** Told of the new device as soon as it is enrolled. */
      readonly onJoined?: (device: RosterDevice) => void
      readonly signal?: AbortSignal
    },
  ): Promise<RosterDevice>
}

type AcceptOptions = Parameters<Invitation['accept']>[1]

/** Invites one device, for ten minutes. */
export function invite(
  components: InviteComponents,
  { addresses }: { readonly addresses: readonly string[] },
): Invitation {
  const { clock, random } = components
  const shown = addresses.slice(0, MAX_ADDRESSES)
  const secrets = { link: random(LINK_SECRET_LENGTH), code: makeCode(random) }
  const expiresAt = clock.now() + INVITATION_LIFETIME
  const changed = listeners()
  let ended: InvitationState | undefined
  let running = 0

  const state = (): InvitationState => ended ?? (clock.now() < expiresAt ? 'open' : 'expired')
  const end = (as: InvitationState): void => {
    ended = as
    changed.call()
  }
  const whyNot = (): RefusalWord | undefined => {
    const now = state()
    return now === 'open' ? undefined : now === 'expired' ? 'expired' : 'used'
  }
  const secretFor = (form: InvitationSecret['form']): InvitationSecret =>
    form === 'link' ? { form, secret: secrets.link } : { form, code: secrets.code }
  // No await between looking at the state and ending it: of many guesses that arrive together one is judged.
  const judge = (isRight: boolean): void => {
    const word = whyNot() ?? (isRight ? undefined : 'wrong_code')
    if (word === undefined) end('used')
    else if (word === 'wrong_code') end('burnt')
    if (word) throw refusalError(word)
  }

  return {
    link: invitationLink(secrets.link, shown),
    code: secrets.code,
    expiresAt,
    state,
    onChange: (listener) => changed.add(listener),
    withdraw: () => end(ended ?? 'withdrawn'),
    async accept(channel, options) {
      const word = whyNot() ?? (running >= MAX_PARALLEL_PAIRINGS ? 'busy' : undefined)
      const stop = new AbortController()
      const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
      const steps = pairingSteps(components, channel, signal)
      running += 1
      try {
        if (word) throw refusalError(word)
        const handshake = await handshakeAsInviter(components, { steps, channel }, { secretFor, judge })
        return await enrol(
          components,
          { steps, channel, handshake, addresses: shown },
          { ...options, signal },
        )
      } catch (error) {
        stop.abort()
        await endWith(steps, channel, error)
        throw error
      } finally {
        running -= 1
      }
    },
  }
}

interface Proved {
  readonly steps: PairingSteps
  readonly channel: Channel
  readonly handshake: Handshake
  readonly addresses: readonly string[]
}

/** From the words on: both persons confirm, the device introduces itself, and is enrolled before it is told anything. */
async function enrol(
  components: InviteComponents,
  { steps, channel, handshake, addresses }: Proved,
  { confirmWords, onJoined, signal }: AcceptOptions,
): Promise<RosterDevice> {
  const { cryptography, clock, roster, keyring } = components
  const [joining] = await Promise.all([
    steps.receive('joining', joiningSchema, WORDS_TIMEOUT),
    askPerson({ clock, signal }, confirmWords, handshake.words),
  ])
  checkJoining(cryptography, { joining, channel, binding: handshake.binding })
  const device = await roster.add(joining.device)
  await keyring.renew()
  onJoined?.(device)
  const granted = plainGranted({ heads: roster.heads(), devices: roster.devices() })
  const sealed = keyring.bytes()
  if (!sealed) throw new MunimentError('ERR_KEY_UNKNOWN', 'the keyring has not been written')
  await steps.send('grant', { vault: roster.vault, roster: granted, keyringLength: sealed.length, addresses })
  for (let at = 0; at < sealed.length; at += KEYRING_PART) {
    await steps.send('keyring', { part: sealed.subarray(at, at + KEYRING_PART) })
  }
  // Enrolled is enrolled: that the other end got it is good to wait for, and no more.
  await steps.receive('received', receivedSchema).catch(() => undefined)
  await channel.close().catch(() => undefined)
  return device
}

function checkJoining(
  cryptography: PairingComponents['cryptography'],
  {
    joining,
    channel,
    binding,
  }: { readonly joining: Joining; readonly channel: Channel; readonly binding: Uint8Array },
): void {
  const { device, proof } = joining
  const publicKey = { algorithm: 'Ed25519', bytes: fromBase64url(device.id) } as const
  const isItsOwn = cryptography.verify(publicKey, joiningProof(binding, device), proof)
  if (!isItsOwn || device.transport !== channel.remote) {
    throw new MunimentError('ERR_PROTOCOL', 'the joining device did not prove that its key is its own')
  }
}

const WORDS: Readonly<Partial<Record<string, RefusalWord>>> = {
  ERR_INVITATION_EXPIRED: 'expired',
  ERR_INVITATION_USED: 'used',
  ERR_UNREACHABLE: 'busy',
  ERR_WRONG_CODE: 'wrong_code',
}

/** Tells the joiner as much as it may know; of anything unforeseen it sees the channel dropped. */
async function endWith(steps: PairingSteps, channel: Channel, error: unknown): Promise<void> {
  const word = error instanceof MunimentError ? WORDS[error.code] : undefined
  if (word) await steps.refuse(word)
  else await giveUp(steps, channel, error)
}
