import { concat } from '@muniment/crypto'
import { type Channel, type DeviceId, MunimentError, type VaultId } from '@muniment/interface'
import { askPerson, type ConfirmWords } from './confirm-words.ts'
import { STEP_TIMEOUT, WORDS_TIMEOUT } from './constants.ts'
import { type DeviceKeys, makeDeviceKeys } from './device-keys.ts'
import type { InvitationSecret } from './invitation-secret.ts'
import { type Grant, grantSchema, joiningProof, keyringPartSchema } from './pairing-grant.ts'
import { handshakeAsJoiner } from './pairing-handshake.ts'
import { type PairingComponents, type PairingSteps, pairingSteps } from './pairing-steps.ts'
import type { GrantedRoster } from './roster-rows.ts'

/** What the joining device now has. All of it is to be stored before anything is written or synced. */
export interface JoinedVault {
  readonly vaultId: VaultId
  /** This device's keys: into a sealed store. */
  readonly keys: DeviceKeys
  /** The devices to trust until the roster has arrived: for `openRoster`. */
  readonly granted: GrantedRoster
  /** The keyring, sealed to this device: the first content of its keyring file. */
  readonly keyring: Uint8Array
  /** The device that invited. */
  readonly inviter: DeviceId
  /** Where it can be reached: multiaddrs in text form. */
  readonly addresses: readonly string[]
}

/** How a person joins. */
export interface JoinInit {
  /** What was read from the link or typed (`readInvitation`). */
  readonly secret: InvitationSecret
  /** What this device is to be called. Its peer id is that of the channel. */
  readonly name: string
  readonly confirmWords: ConfirmWords
  readonly signal?: AbortSignal
}

/**
 * Joins a vault over a channel to the device that invited. Throws `ERR_WRONG_CODE`, `ERR_WORDS_DIFFER`,
 * `ERR_INVITATION_EXPIRED`, `ERR_INVITATION_USED`, `ERR_UNREACHABLE` (it is busy), `ERR_TIMEOUT`, `ERR_ABORTED`,
 * `ERR_CHANNEL_CLOSED`, `ERR_PROTOCOL`; whatever happens, the channel is closed.
 */
export async function join(
  channel: Channel,
  components: PairingComponents,
  init: JoinInit,
): Promise<JoinedVault> {
  const { cryptography } = components
  const stop = new AbortController()
  const signal = init.signal ? AbortSignal.any([init.signal, stop.signal]) : stop.signal
  const steps = pairingSteps(components, channel, signal)
  try {
    const keys = await makeDeviceKeys(components)
    const handshake = await handshakeAsJoiner(components, { steps, channel }, init.secret)
    const device = {
      id: keys.id,
      name: init.name,
      transport: channel.local,
      agreementKey: keys.agreement.publicKey,
    }
    const introduce = async (): Promise<void> => {
      await askPerson({ clock: components.clock, signal }, init.confirmWords, handshake.words)
      const proof = await cryptography.signer(keys.signing).sign(joiningProof(handshake.binding, device))
      await steps.send('joining', { device, proof })
    }
    const [grant] = await Promise.all([receiveGrant(steps), introduce()])
    const keyring = await receiveKeyring(steps, grant.keyringLength)
    const joined = checkedGrant(grant, { keys, channel, keyring })
    await steps.send('received', { received: true })
    await channel.close()
    return joined
  } catch (error) {
    stop.abort()
    await giveUp(steps, channel, error)
    throw error
  }
}

/** The persons at both ends take their time, at the same time. */
async function receiveGrant(steps: PairingSteps): Promise<Grant> {
  return steps.receive('grant', grantSchema, WORDS_TIMEOUT + STEP_TIMEOUT)
}

async function receiveKeyring(steps: PairingSteps, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let got = 0; got < length;) {
    const { part } = await steps.receive('keyring', keyringPartSchema)
    got += part.length
    parts.push(part)
  }
  const keyring = concat(...parts)
  if (keyring.length === length) return keyring
  throw new MunimentError('ERR_PROTOCOL', 'the other device sent another keyring than it announced')
}

/** The grant must list this device as it introduced itself, and the device it is talking to. */
function checkedGrant(
  { vault, roster, addresses }: Grant,
  { keys, channel, keyring }: Pick<JoinedVault, 'keys' | 'keyring'> & { readonly channel: Channel },
): JoinedVault {
  const isListed = roster.devices.some(({ id, transport }) => id === keys.id && transport === channel.local)
  const inviter = roster.devices.find(({ transport }) => transport === channel.remote)
  if (!isListed || !inviter) {
    throw new MunimentError('ERR_PROTOCOL', 'the other device gave a list of devices that cannot be right')
  }
  return { vaultId: vault, keys, granted: roster, keyring, inviter: inviter.id, addresses }
}

/** Ends the channel; a person who saw other words says so to the other end. */
export async function giveUp(steps: PairingSteps, channel: Channel, error: unknown): Promise<void> {
  if (error instanceof MunimentError && error.code === 'ERR_WORDS_DIFFER') await steps.refuse('words_differ')
  else channel.abort(error instanceof Error ? error : new Error('pairing failed', { cause: error }))
}
