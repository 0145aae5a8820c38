import { base64url, fromBase64url, inDomain, toCanonical } from '@muniment/crypto'
import { type Channel, type DeviceId, MunimentError, type PeerId, type VaultId } from '@muniment/interface'
import type { SyncComponents } from './components.ts'
import { PROOF_DOMAIN, PROOF_NONCE_LENGTH } from './constants.ts'
import { spokenKeyring } from './keyring-gate.ts'
import { type Held, parseMessage, type SyncMessage } from './messages.ts'
import type { Outbox } from './outbox.ts'

/** A peer that proved to be a device of this vault, and what it holds. */
export interface Greeted {
  readonly device: DeviceId
  readonly held: Held
}

/**
 * Proves membership both ways, then exchanges what is held. Nothing that only a member may know is sent before the peer
 * is proved: a stranger sees one random number at the most. Throws `ERR_NOT_A_MEMBER` and `ERR_PROTOCOL`.
 */
export async function greet(
  channel: Channel,
  components: SyncComponents,
  { out, signal }: { readonly out: Outbox; readonly signal: AbortSignal },
): Promise<Greeted> {
  const { cryptography, log, roster, keyring, signer, random } = components
  const expected = roster.byTransport(channel.remote)?.id
  if (expected === undefined || !roster.isMember(expected)) {
    if (roster.wasRemoved?.(channel.remote)) await out.send({ type: 'removed' })
    throw stranger()
  }

  const nonce = random(PROOF_NONCE_LENGTH)
  await out.send({ type: 'hello', nonce })
  const hello = await next(channel, 'hello', signal)

  const device = base64url(signer.publicKey.bytes)
  const mine = {
    vault: log.vault,
    device,
    from: channel.local,
    to: channel.remote,
    nonce,
    theirs: hello.nonce,
  }
  await out.send({ type: 'proof', device, signature: await signer.sign(proofBytes(mine)) })
  const proof = await next(channel, 'proof', signal)
  const theirs = {
    vault: log.vault,
    device: expected,
    from: channel.remote,
    to: channel.local,
    nonce: hello.nonce,
    theirs: nonce,
  }
  const publicKey = { algorithm: 'Ed25519', bytes: fromBase64url(expected) } as const
  const isProved = cryptography.verify(publicKey, proofBytes(theirs), proof.signature)
  if (proof.device !== expected || !isProved || !roster.isMember(expected)) throw stranger()

  await out.send({ type: 'held', heads: log.heads(), keyring: spokenKeyring(keyring) })
  return { device: expected, held: await next(channel, 'held', signal) }
}

/** What a device signs on a connection: who it is, between which two peers, over both sides' randomness. */
function proofBytes(fields: {
  readonly vault: VaultId
  readonly device: DeviceId
  readonly from: PeerId
  readonly to: PeerId
  readonly nonce: Uint8Array
  readonly theirs: Uint8Array
}): Uint8Array {
  return inDomain(PROOF_DOMAIN, toCanonical({ ...fields }))
}

async function next<T extends SyncMessage['type']>(
  channel: Channel,
  type: T,
  signal: AbortSignal,
): Promise<Extract<SyncMessage, { type: T }>> {
  const bytes = await channel.receive({ signal })
  if (!bytes) throw new MunimentError('ERR_CHANNEL_CLOSED', 'the peer left during the greeting')
  const message = parseMessage(bytes)
  if (isOfType(message, type)) return message
  if (message.type === 'removed')
    throw new MunimentError('ERR_REMOVED', 'the peer says that this device was removed from the vault')
  throw new MunimentError('ERR_PROTOCOL', `the peer sent something else where ${type} was due`)
}

function isOfType<T extends SyncMessage['type']>(
  message: SyncMessage,
  type: T,
): message is Extract<SyncMessage, { type: T }> {
  return message.type === type
}

function stranger(): MunimentError {
  return new MunimentError('ERR_NOT_A_MEMBER', 'the peer is not a device of this vault')
}
