import { base64url, fromBase64url, fromCanonical, inDomain, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  isMunimentError,
  type Milliseconds,
  type Signer,
} from '@muniment/interface'
import * as v from 'valibot'
import { bytesOf, deviceName } from '../schemas.ts'
import { MAX_FRAGMENT_LENGTH, MAX_GUARDIANS, MIN_THRESHOLD, SHARE_LENGTH } from './constants.ts'
import { recoveryKeyId } from './recovery-member.ts'

/** One guardian's part of the secret of a recover member. It opens nothing alone, and says whose it is. */
export interface Fragment {
  /** The whole of it, signed: what is stored, sealed or printed. */
  readonly bytes: Uint8Array
  /** The recover member that the fragments of one set give: base64url of its Ed25519 key. It names the set. */
  readonly member: DeviceId
  /** The member's key id, as the person's vault shows it. */
  readonly keyId: string
  /** From 1. */
  readonly index: number
  /** How many fragments are needed. */
  readonly threshold: number
  /** How many there are. */
  readonly total: number
  /** Whose it is, as the person wrote it. */
  readonly guardian: string
  readonly at: Milliseconds
}

/** A fragment with its share of the secret. */
export interface OpenFragment extends Fragment {
  /** One byte for each byte of the secret, and the place on the polynomial. */
  readonly share: Uint8Array
}

/** What a fragment says beside the share. */
export type FragmentStatement = Omit<Fragment, 'bytes' | 'member' | 'keyId'>

const DOMAIN = 'muniment/fragment/1'
const SECOND = 1000

const small = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_GUARDIANS))
const schema = v.pipe(
  v.strictTuple([
    v.literal(1),
    v.pipe(small, v.minValue(MIN_THRESHOLD)),
    small,
    small,
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 40)),
    deviceName,
    bytesOf(32),
    bytesOf(SHARE_LENGTH),
    bytesOf(64),
  ]),
  v.check(([, threshold, total, index]) => threshold <= total && index <= total),
)

/** Writes a fragment, signed with the key of the recover member that the whole set gives. */
export async function writeFragment(
  cryptography: Cryptography,
  signer: Signer,
  { share, ...statement }: FragmentStatement & { readonly share: Uint8Array },
): Promise<Fragment> {
  const { threshold, total, index, at, guardian } = statement
  const member = signer.publicKey.bytes
  const said = [1, threshold, total, index, Math.floor(at / SECOND), guardian, member, share]
  const signature = await signer.sign(inDomain(DOMAIN, toCanonical(said)))
  const id = base64url(member)
  const bytes = toCanonical([...said, signature])
  return { ...statement, bytes, member: id, keyId: recoveryKeyId(cryptography, id) }
}

/** Reads a fragment without believing it; `undefined` for bytes that are none. */
export function parseFragment(cryptography: Cryptography, bytes: Uint8Array): OpenFragment | undefined {
  const parsed = v.safeParse(schema, canonicalOrNothing(bytes))
  if (!parsed.success) return undefined
  const [, threshold, total, index, seconds, guardian, memberBytes, share] = parsed.output
  const member = base64url(memberBytes)
  const keyId = recoveryKeyId(cryptography, member)
  return { bytes, member, keyId, threshold, total, index, at: seconds * SECOND, guardian, share }
}

/**
 * True when the fragment is as it was made: whoever made it knew the whole secret of the member that it names. A
 * guardian who alters a fragment, or makes one up for this member, cannot sign it.
 */
export function isFragmentGenuine(cryptography: Cryptography, { bytes, member }: Fragment): boolean {
  const parsed = v.safeParse(schema, canonicalOrNothing(bytes))
  if (!parsed.success) return false
  const said = parsed.output.slice(0, -1)
  const signature = parsed.output[8]
  const publicKey = { algorithm: 'Ed25519', bytes: fromBase64url(member) } as const
  return cryptography.verify(publicKey, inDomain(DOMAIN, toCanonical(said)), signature)
}

function canonicalOrNothing(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_FRAGMENT_LENGTH) return undefined
  try {
    return fromCanonical(bytes)
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
    return undefined
  }
}
