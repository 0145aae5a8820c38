import { fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  type Milliseconds,
  MunimentError,
  type Random,
} from '@muniment/interface'
import { split } from 'shamir-secret-sharing'
import * as v from 'valibot'
import { deviceName, id32 } from '../schemas.ts'
import { MAX_GUARDIANS, MIN_THRESHOLD, RECOVERY_SECRET_LENGTH } from './constants.ts'
import { type Fragment, writeFragment } from './fragment.ts'
import { type RecoveryMember, recoveryMember } from './recovery-member.ts'

/** Who can restore the vault together, as its devices know it. */
export interface GuardianSet {
  /** The recover member that the fragments give. */
  readonly member: DeviceId
  readonly keyId: string
  /** How many are needed. */
  readonly threshold: number
  readonly at: Milliseconds
  /** Names; the first has fragment 1. */
  readonly guardians: readonly string[]
}

/** A set that has just been made: give the fragments out, enrol the member, and forget both. */
export interface NewGuardianSet {
  readonly member: RecoveryMember
  /** One for each guardian, in their order. */
  readonly fragments: readonly Fragment[]
  readonly set: GuardianSet
}

/** Who the guardians are to be. */
export interface GuardianSetInit {
  /** How many are needed: 2 at least. */
  readonly threshold: number
  /** Names that tell them apart, 16 at most. */
  readonly guardians: readonly string[]
  readonly at: Milliseconds
}

/**
 * Makes a recover member with a fresh secret and splits it (Shamir over GF(2^8), for each byte). To change guardians, or
 * to refresh the fragments, make another set and put its member in the place of the old one: the old fragments then
 * open nothing that is sealed later (protocol rule 8). Throws `ERR_INVALID_ARGUMENT`.
 */
export async function makeGuardianSet(
  { cryptography, random }: { readonly cryptography: Cryptography; readonly random: Random },
  init: GuardianSetInit,
): Promise<NewGuardianSet> {
  const { threshold, guardians } = init
  checkInit(init)
  const secret = Uint8Array.from(random(RECOVERY_SECRET_LENGTH))
  const member = await recoveryMember({ cryptography }, { kind: 'guardians', secret })
  const shares = await split(secret, guardians.length, threshold)
  const signer = cryptography.signer(member.keys.signing)
  const at = Math.floor(init.at / 1000) * 1000
  const fragments = await Promise.all(
    shares.map((share, place) =>
      writeFragment(cryptography, signer, {
        threshold,
        total: guardians.length,
        index: place + 1,
        guardian: guardians[place] ?? '',
        at,
        share,
      }),
    ),
  )
  const { keys, keyId } = member
  return { member, fragments, set: { member: keys.id, keyId, threshold, at, guardians } }
}

function checkInit({ threshold, guardians, at }: GuardianSetInit): void {
  const isCount = guardians.length <= MAX_GUARDIANS && threshold <= guardians.length
  if (!Number.isInteger(threshold) || threshold < MIN_THRESHOLD || !isCount || !Number.isSafeInteger(at)) {
    throw new MunimentError(
      'ERR_INVALID_ARGUMENT',
      `a set needs ${MIN_THRESHOLD} guardians or more of at most ${MAX_GUARDIANS}`,
    )
  }
  const isNamed = guardians.every((name) => v.is(deviceName, name))
  if (!isNamed || new Set(guardians).size < guardians.length) {
    throw new MunimentError(
      'ERR_INVALID_ARGUMENT',
      'each guardian needs a name of their own, of 1 to 64 letters',
    )
  }
}

const schema = v.pipe(
  v.strictObject({
    v: v.literal(1),
    member: id32,
    keyId: v.pipe(v.string(), v.regex(/^[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}$/u)),
    threshold: v.pipe(v.number(), v.integer(), v.minValue(MIN_THRESHOLD)),
    at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    guardians: v.pipe(v.array(deviceName), v.maxLength(MAX_GUARDIANS)),
  }),
  v.check(({ threshold, guardians }) => threshold <= guardians.length),
)

/** The set as bytes. No secret is in it. */
export function encodeGuardianSet(set: GuardianSet): Uint8Array {
  return toCanonical({ v: 1, ...set })
}

/** Reads what {@link encodeGuardianSet} wrote; throws `ERR_MALFORMED`. */
export function decodeGuardianSet(bytes: Uint8Array): GuardianSet {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'these bytes are not a set of guardians')
  const { v: _version, ...set } = parsed.output
  return set
}
