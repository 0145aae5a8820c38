import { base64url, type SealComponents } from '@muniment/crypto'
import type { KeyringFile } from '@muniment/interface'
import type { DeviceKeys } from './device-keys.ts'
import { epochKeyId, type KeyringWrap } from './keyring-object.ts'
import { lockboxLabel, sealLockbox } from './lockbox.ts'
import type { Roster } from './roster.ts'

/** What a keyring needs of its surroundings. */
export interface KeyringComponents extends SealComponents {
  readonly file: KeyringFile
  readonly roster: Roster
  readonly keys: DeviceKeys
  /** In a restore: the kit's or the guardians' keys, by which keyrings open that are not sealed to this device. */
  readonly recovery?: DeviceKeys
}

/** A fresh epoch key for the roster's present epoch, in lockboxes for all its devices and recovery members. */
export async function freshWrap({ cryptography, random, roster }: KeyringComponents): Promise<KeyringWrap> {
  const [heads, epoch, recipients] = [roster.heads(), roster.epoch(), recipientsOf(roster)]
  const epochKey = random(32)
  const keyId = epochKeyId(cryptography, epochKey)
  const place = { vault: roster.vault, epoch, keyId }
  const lockboxes = await Promise.all(
    recipients.map((recipient) => sealLockbox(cryptography, { epochKey, place }, recipient)),
  )
  return { heads, epoch, keyId, epochKey, lockboxes }
}

/** Who an epoch key is sealed to: every device, the recovery kit, and the guardians together (protocol rule 5). */
function recipientsOf(roster: Roster): readonly { readonly id: string; readonly agreementKey: Uint8Array }[] {
  return [...roster.devices(), ...roster.recoveryMembers()]
}

/** The wrap's author knew of changes of the roster that have not arrived here: its lockboxes are not ours to judge. */
function isAhead(roster: Roster, { heads }: KeyringWrap): boolean {
  return !heads.every((head) => roster.knows(head))
}

/** The wrap is of an epoch that is over: the next thing written goes under a fresh key. */
export function isStale(roster: Roster, wrap: KeyringWrap): boolean {
  return wrap.epoch !== roster.epoch() && !isAhead(roster, wrap)
}

/** How many of the devices and recovery members known here have a lockbox. */
function covered({ cryptography, roster }: KeyringComponents, { keyId, lockboxes }: KeyringWrap): number {
  const labels = new Set(lockboxes.map(({ label }) => base64url(label)))
  return recipientsOf(roster).filter(({ id }) => labels.has(base64url(lockboxLabel(cryptography, keyId, id))))
    .length
}

/**
 * Whether theirs rather than ours goes on to be used. Devices that know the same roster decide alike: what is of an
 * epoch not known here yet, then what is of the present epoch, then what leaves fewer out, then the smaller name.
 */
export function prefers(components: KeyringComponents, theirs: KeyringWrap, ours: KeyringWrap): boolean {
  const { roster } = components
  const rank = (wrap: KeyringWrap): number => (isAhead(roster, wrap) ? 2 : isStale(roster, wrap) ? 0 : 1)
  if (rank(theirs) !== rank(ours)) return rank(theirs) > rank(ours)
  const [those, these] = [covered(components, theirs), covered(components, ours)]
  if (those !== these) return those > these
  return base64url(theirs.keyId) < base64url(ours.keyId)
}

/** Whether a merge needs a fresh key: a device would be left out, or more is erased than when the key was made. */
export function needsFresh(
  components: KeyringComponents,
  {
    chosen,
    erasedUnder,
    erased,
  }: { readonly chosen: KeyringWrap; readonly erasedUnder: number; readonly erased: number },
): boolean {
  if (isAhead(components.roster, chosen)) return false
  return erased > erasedUnder || covered(components, chosen) < recipientsOf(components.roster).length
}

/** True for the device that made the latest change of the roster: it renews the keyring at once, the others when due. */
export function isAuthorOfHead({ roster, keys }: KeyringComponents): boolean {
  const heads = new Set(roster.heads())
  return roster.operations().some(({ id, by }) => by === keys.id && heads.has(id))
}
