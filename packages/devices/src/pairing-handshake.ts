import { deriveKey, hashInDomain, concat, toCanonical, utf8 } from '@muniment/crypto'
import { type Channel, type Cryptography, MunimentError } from '@muniment/interface'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import * as v from 'valibot'
import { COMPARED_WORDS } from './constants.ts'
import { confirmationTag, type CpaceMessage, lvCat, startCpace } from './cpace.ts'
import { type InvitationSecret, passwordOf } from './invitation-secret.ts'
import type { PairingComponents, PairingKeys, PairingSteps } from './pairing-steps.ts'
import { bytesOf } from './schemas.ts'

/** The pairing protocol's name on the network. */
export const PAIRING_PROTOCOL = '/muniment/pair/1'

const NONCE_LENGTH = 32
const JOINER = utf8('muniment/pair/1 joiner')
const INVITER = utf8('muniment/pair/1 inviter')

/** What both ends have once each proved to the other that it holds the invitation's secret. */
export interface Handshake {
  /** 32 bytes that nobody else has, for what comes after: the words, and the joining device's proof of its key. */
  readonly binding: Uint8Array
  /** The words to compare; equal on both screens unless somebody stands between. */
  readonly words: readonly string[]
}

/**
 * Who talks to whom, in which role: CPace's channel identifier. The peer ids are those of the connection, so that a
 * pairing relayed over two connections by somebody between has two different ones.
 */
export function pairingChannelId(joiner: string, inviter: string): Uint8Array {
  return lvCat(utf8(PAIRING_PROTOCOL), utf8('joiner'), utf8(joiner), utf8('inviter'), utf8(inviter))
}

const helloSchema = v.strictObject({
  v: v.literal(1),
  form: v.picklist(['link', 'code']),
  nonce: bytesOf(NONCE_LENGTH),
})
const answerSchema = v.strictObject({ nonce: bytesOf(NONCE_LENGTH) })
const shareSchema = v.strictObject({ share: bytesOf(32) })
const tagSchema = v.strictObject({ tag: bytesOf(32) })
const provedSchema = v.strictObject({ tag: bytesOf(32), commitment: bytesOf(32) })
const revealSchema = v.strictObject({ reveal: bytesOf(32) })

/** The joining device's side, up to the words. Throws `ERR_WRONG_CODE` when the other end does not hold the secret. */
export async function handshakeAsJoiner(
  { cryptography, random }: PairingComponents,
  { steps, channel }: { readonly steps: PairingSteps; readonly channel: Channel },
  secret: InvitationSecret,
): Promise<Handshake> {
  const nonce = random(NONCE_LENGTH)
  await steps.send('hello', { v: 1, form: secret.form, nonce })
  const answer = await steps.receive('hello', answerSchema)
  const session = concat(nonce, answer.nonce)
  const inputs = {
    secret: passwordOf(secret),
    channel: pairingChannelId(channel.local, channel.remote),
    session,
  }
  const run = startCpace({ cryptography, random }, inputs, { role: 'initiator', associated: JOINER })
  await steps.send('share', { share: run.message.share })
  const theirs: CpaceMessage = { ...(await steps.receive('share', shareSchema)), associated: INVITER }
  const key = run.finish(theirs)
  await steps.send('tag', { tag: confirmationTag(cryptography, { key, session, sent: run.message }) })
  const proved = await steps.receive('tag', provedSchema)
  if (!cryptography.equal(proved.tag, confirmationTag(cryptography, { key, session, sent: theirs }))) {
    throw new MunimentError('ERR_WRONG_CODE', 'the other device does not know this invitation')
  }
  const made = keysOf(cryptography, key)
  steps.sealWith({ sending: made.joiner, receiving: made.inviter })
  const reveal = random(32)
  await steps.send('reveal', { reveal })
  const opened = await steps.receive('reveal', revealSchema)
  if (!cryptography.equal(proved.commitment, commitmentTo(cryptography, made.binding, opened.reveal))) {
    throw new MunimentError('ERR_PROTOCOL', 'the other device changed what it had committed to')
  }
  return { binding: made.binding, words: wordsOf(cryptography, made.binding, [reveal, opened.reveal]) }
}

/** What the inviter decides when a guess arrives. */
export interface Judge {
  /** The invitation's secret in the form that the joiner asked for. */
  readonly secretFor: (form: InvitationSecret['form']) => InvitationSecret
  /** Told whether the guess was right, before anything that depends on it is sent; throws to end the pairing. */
  readonly judge: (isRight: boolean) => void
}

/** The inviting device's side, up to the words. Nothing it sends depends on the secret until the joiner proved to hold it. */
export async function handshakeAsInviter(
  { cryptography, random }: PairingComponents,
  { steps, channel }: { readonly steps: PairingSteps; readonly channel: Channel },
  { secretFor, judge }: Judge,
): Promise<Handshake> {
  const hello = await steps.receive('hello', helloSchema)
  const nonce = random(NONCE_LENGTH)
  await steps.send('hello', { nonce })
  const session = concat(hello.nonce, nonce)
  const secret = passwordOf(secretFor(hello.form))
  const inputs = { secret, channel: pairingChannelId(channel.remote, channel.local), session }
  const run = startCpace({ cryptography, random }, inputs, { role: 'responder', associated: INVITER })
  const theirs: CpaceMessage = { ...(await steps.receive('share', shareSchema)), associated: JOINER }
  const key = run.finish(theirs)
  await steps.send('share', { share: run.message.share })
  const { tag } = await steps.receive('tag', tagSchema)
  judge(cryptography.equal(tag, confirmationTag(cryptography, { key, session, sent: theirs })))
  const made = keysOf(cryptography, key)
  const reveal = random(32)
  const commitment = commitmentTo(cryptography, made.binding, reveal)
  await steps.send('tag', {
    tag: confirmationTag(cryptography, { key, session, sent: run.message }),
    commitment,
  })
  steps.sealWith({ sending: made.inviter, receiving: made.joiner })
  const opened = await steps.receive('reveal', revealSchema)
  await steps.send('reveal', { reveal })
  return { binding: made.binding, words: wordsOf(cryptography, made.binding, [opened.reveal, reveal]) }
}

interface MadeKeys {
  readonly joiner: PairingKeys['sending']
  readonly inviter: PairingKeys['sending']
  readonly binding: Uint8Array
}

function keysOf(cryptography: Cryptography, key: Uint8Array): MadeKeys {
  return {
    joiner: deriveKey(cryptography, key, 'muniment/pair-from-joiner/1'),
    inviter: deriveKey(cryptography, key, 'muniment/pair-from-inviter/1'),
    binding: deriveKey(cryptography, key, 'muniment/pair-binding/1'),
  }
}

/**
 * The inviter commits to its random part before it sees the joiner's, and the joiner sends its own before it sees the
 * inviter's: so nobody in between can try parts until two pairs of words agree.
 */
function commitmentTo(cryptography: Cryptography, binding: Uint8Array, reveal: Uint8Array): Uint8Array {
  return hashInDomain(cryptography, 'muniment/pair-commitment/1', toCanonical([binding, reveal]))
}

/** The words: 11 bits each of a hash over both random parts and the session. */
function wordsOf(
  cryptography: Cryptography,
  binding: Uint8Array,
  [joiner, inviter]: readonly [Uint8Array, Uint8Array],
): readonly string[] {
  const hash = hashInDomain(cryptography, 'muniment/pair-words/1', toCanonical([binding, joiner, inviter]))
  return Array.from({ length: COMPARED_WORDS }, (_, index) => {
    const bits = ((hash[2 * index] ?? 0) << 8) | (hash[2 * index + 1] ?? 0)
    return wordlist[bits & 2047] ?? ''
  })
}
