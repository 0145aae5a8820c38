import { concat, utf8 } from '@muniment/crypto'
import { type Cryptography, MunimentError, type Random } from '@muniment/interface'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'

/*
 * CPace, a balanced password-authenticated key exchange (draft-irtf-cfrg-cpace), suite CPACE-RISTR255-SHA512, in the
 * initiator/responder setting. Names are those of the draft, so that each step can be held against it.
 */

const DSI = utf8('CPaceRistretto255')
const DSI_ISK = utf8('CPaceRistretto255_ISK')
/** Input block of SHA-512, in bytes (`H.s_in_bytes`). */
const HASH_BLOCK = 128
const SCALAR_LENGTH = 32

/** The public inputs of a run, which both ends must agree on, beside the secret. */
export interface CpaceInputs {
  /** The password-related string PRS: what both ends know and nobody else. */
  readonly secret: Uint8Array
  /** The channel identifier CI: who talks to whom, in which role. */
  readonly channel: Uint8Array
  /** The session id, unique per run. */
  readonly session: Uint8Array
}

/** What each end sends: its point Y and its associated data AD. */
export interface CpaceMessage {
  readonly share: Uint8Array
  readonly associated: Uint8Array
}

/** `lv_cat`: every part with its length before it (LEB128), so that no two lists give the same bytes. */
export function lvCat(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(...parts.flatMap((part) => [leb128(part.length), part]))
}

/** `generator_string`: the hash input from which the run's generator is made. */
export function generatorString({ secret, channel, session }: CpaceInputs): Uint8Array {
  const used = 1 + lvCat(secret).length + lvCat(DSI).length
  const zeros = new Uint8Array(Math.max(0, HASH_BLOCK - used))
  return lvCat(DSI, secret, zeros, channel, session)
}

/** `calculate_generator`: the run's generator, encoded. */
export function calculateGenerator(cryptography: Cryptography, inputs: CpaceInputs): Uint8Array {
  const point = ristretto255_hasher.deriveToCurve?.(cryptography.sha512(generatorString(inputs)))
  if (!point) throw new MunimentError('ERR_UNSUPPORTED', 'the curve library cannot derive a point')
  return point.toBytes()
}

/**
 * `scalar_mult_vfy`: the point times the scalar (32 bytes, little-endian), encoded. Gives `undefined` where the draft
 * gives the neutral element and asks to abort: for bytes that are no point, and for the neutral element.
 */
export function scalarMultVfy(scalar: Uint8Array, point: Uint8Array): Uint8Array | undefined {
  try {
    const product = ristretto255.Point.fromBytes(point).multiply(scalarOf(scalar))
    return product.is0() ? undefined : product.toBytes()
  } catch {
    return undefined
  }
}

/** `sample_scalar`: 252 random bits, little-endian (section "Sampling of scalars"). */
export function sampleScalar(random: Random): Uint8Array {
  const scalar = random(SCALAR_LENGTH).slice()
  scalar[SCALAR_LENGTH - 1] = (scalar[SCALAR_LENGTH - 1] ?? 0) & 0x0f
  return scalar
}

/** `transcript_ir`: what both ends sent, the initiator's first. */
export function transcriptOf(initiator: CpaceMessage, responder: CpaceMessage): Uint8Array {
  return concat(lvCat(initiator.share, initiator.associated), lvCat(responder.share, responder.associated))
}

/** The intermediate session key ISK (64 bytes), equal at both ends only if secret, channel, session and messages are. */
export function sessionKey(
  cryptography: Cryptography,
  session: Uint8Array,
  point: Uint8Array,
  transcript: Uint8Array,
): Uint8Array {
  return cryptography.sha512(lvCat(DSI_ISK, session, point), transcript)
}

/** The tag by which an end proves that it has the key: HMAC-SHA-256 over the message it sent (section "Key confirmation"). */
export function confirmationTag(
  cryptography: Cryptography,
  {
    key,
    session,
    sent,
  }: { readonly key: Uint8Array; readonly session: Uint8Array; readonly sent: CpaceMessage },
): Uint8Array {
  const macKey = cryptography.sha512(utf8('CPaceMac'), session, key)
  return cryptography.hmacSha256(macKey, lvCat(sent.share, sent.associated))
}

/** One end's half of a run: its point, and the key once the other's message is there. */
export interface CpaceRun {
  readonly message: CpaceMessage
  /** The key ISK with the other end's message. Throws `ERR_PROTOCOL` for a share that is no point of the group. */
  finish(other: CpaceMessage): Uint8Array
}

/** Starts a run in one of the two roles. */
export function startCpace(
  { cryptography, random }: { readonly cryptography: Cryptography; readonly random: Random },
  inputs: CpaceInputs,
  { role, associated }: { readonly role: 'initiator' | 'responder'; readonly associated: Uint8Array },
): CpaceRun {
  const scalar = sampleScalar(random)
  const share = scalarMultVfy(scalar, calculateGenerator(cryptography, inputs))
  if (!share) throw new MunimentError('ERR_PROTOCOL', 'the random source gave no usable number')
  const message = { share, associated }
  return {
    message,
    finish(other) {
      const point = scalarMultVfy(scalar, other.share)
      if (!point) throw new MunimentError('ERR_PROTOCOL', 'the other end sent no point of the group')
      const transcript = role === 'initiator' ? transcriptOf(message, other) : transcriptOf(other, message)
      return sessionKey(cryptography, inputs.session, point, transcript)
    },
  }
}

function leb128(length: number): Uint8Array {
  const bytes: number[] = []
  let left = length
  while (left >= 128) {
    bytes.push((left & 0x7f) | 0x80)
    left >>>= 7
  }
  return Uint8Array.from([...bytes, left])
}

function scalarOf(bytes: Uint8Array): bigint {
  let scalar = 0n
  for (const byte of bytes.toReversed()) scalar = (scalar << 8n) | BigInt(byte)
  return scalar
}
