import { base64url, type SealComponents } from '@muniment/crypto'
import type { KeyringFile } from '@muniment/interface'
import type { DeviceKeys } from './device-keys.ts'
import { epochKeyId, type KeyringWrap } from './keyring-object.ts'
import { lockboxLabel, ownerLabel, ownerOf, type Recipient, sealLockbox } from './lockbox.ts'
import type { OwnAgreement } from './own-agreement.ts'
import type { Roster } from './roster.ts'

/** What a keyring needs of its surroundings. */
export interface KeyringComponents extends SealComponents {
  readonly file: KeyringFile
  readonly roster: Roster
  readonly keys: DeviceKeys
  /** This device's agreement keys, where it renews them; without, the one in `keys` is used for ever. */
  readonly agreement?: OwnAgreement
  /** In a restore: the kit's or the guardians' keys, by which keyrings open that are not sealed to this device. */
  readonly recovery?: DeviceKeys
}

/** A fresh epoch key for the roster's present epoch, in lockboxes for all its devices and recovery members. */
export async function freshWrap(components: KeyringComponents): Promise<KeyringWrap> {
  const { roster } = components
  return wrapFor(components, { heads: roster.heads(), epoch: roster.epoch() }, recipientsOf(roster))
}

/**
 * A fresh epoch key under a wrap of an epoch that has not arrived here: for those known here whom that wrap names. Who it
 * leaves out may have been removed, and gets nothing.
 */
export async function freshWithin(components: KeyringComponents, wrap: KeyringWrap): Promise<KeyringWrap> {
  const { cryptography, roster } = components
  const owners = new Set(wrap.lockboxes.map((lockbox) => base64url(ownerOf(lockbox))))
  const isNamed = ({ id }: Recipient): boolean =>
    owners.has(base64url(ownerLabel(cryptography, wrap.keyId, id)))
  return wrapFor(components, wrap, recipientsOf(roster).filter(isNamed))
}

async function wrapFor(
  { cryptography, random, roster }: KeyringComponents,
  { heads, epoch }: Pick<KeyringWrap, 'heads' | 'epoch'>,
  recipients: readonly Recipient[],
): Promise<KeyringWrap> {
  const epochKey = random(32)
  const keyId = epochKeyId(cryptography, epochKey)
  const place = { vault: roster.vault, epoch, keyId }
  const lockboxes = await Promise.all(
    recipients.map((recipient) => sealLockbox(cryptography, { epochKey, place }, recipient)),
  )
  return { heads, epoch, keyId, epochKey, lockboxes }
}

/** Who an epoch key is sealed to: every device, the recovery kit, and the guardians together (protocol rule 5). */
function recipientsOf(roster: Roster): readonly Recipient[] {
  return [...roster.devices(), ...roster.recoveryMembers()]
}

/** The wrap's author knew of changes of the roster that have not arrived here: its lockboxes are not ours to judge. */
export function isAhead(roster: Roster, { heads }: KeyringWrap): boolean {
  return !heads.every((head) => roster.knows(head))
}

/** The wrap has a lockbox for somebody known to be out: nothing is written under it (protocol rule 4). */
export function isOpenToOthers(
  { cryptography, roster }: KeyringComponents,
  { keyId, lockboxes }: KeyringWrap,
): boolean {
  const owners = new Set(lockboxes.map((lockbox) => base64url(ownerOf(lockbox))))
  return roster.out().some((id) => owners.has(base64url(ownerLabel(cryptography, keyId, id))))
}

/** The wrap has a lockbox that this device opens with a key that it has: without, its own file would be lost to it. */
function isOwn(components: KeyringComponents, wrap: KeyringWrap): boolean {
  const { cryptography, keys, agreement, recovery } = components
  const pairs = agreement?.keys() ?? [keys.agreement]
  const tos = pairs.map(({ publicKey }) => ({ id: keys.id, agreementKey: publicKey }))
  if (recovery) tos.push({ id: recovery.id, agreementKey: recovery.agreement.publicKey })
  return tos.some((to) => isSealedTo(cryptography, wrap, to))
}

/** The wrap is of an epoch that is over: the next thing written goes under a fresh key. */
export function isStale(components: KeyringComponents, wrap: KeyringWrap): boolean {
  const { roster } = components
  if (isOpenToOthers(components, wrap)) return true
  return wrap.epoch !== roster.epoch() && !isAhead(roster, wrap)
}

/** True when there is a lockbox for that agreement key of that device. */
export function isSealedTo(
  cryptography: KeyringComponents['cryptography'],
  { keyId, lockboxes }: KeyringWrap,
  to: Recipient,
): boolean {
  const wanted = lockboxLabel(cryptography, keyId, to)
  return lockboxes.some(({ label }) => cryptography.equal(label, wanted))
}

/** How many of the devices and recovery members known here have a lockbox for the agreement key that they use now. */
function covered({ cryptography, roster }: KeyringComponents, { keyId, lockboxes }: KeyringWrap): number {
  const labels = new Set(lockboxes.map(({ label }) => base64url(label)))
  return recipientsOf(roster).filter((one) => labels.has(base64url(lockboxLabel(cryptography, keyId, one))))
    .length
}

/**
 * Whether theirs rather than ours goes on to be used. Devices that know the same roster decide alike: last what somebody
 * who is out can open or this device could not, then what is of an epoch that is over, then what is of the present epoch, then what is of one not
 * known here yet; of two alike what leaves fewer out, then the smaller name.
 */
export function prefers(components: KeyringComponents, theirs: KeyringWrap, ours: KeyringWrap): boolean {
  const rank = (wrap: KeyringWrap): number => {
    if (isOpenToOthers(components, wrap) || !isOwn(components, wrap)) return -1
    return isAhead(components.roster, wrap) ? 2 : isStale(components, wrap) ? 0 : 1
  }
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
  if (isOpenToOthers(components, chosen) || !isOwn(components, chosen)) return true
  if (isAhead(components.roster, chosen)) return false
  return erased > erasedUnder || covered(components, chosen) < recipientsOf(components.roster).length
}

/** True for the device that made the latest change of the roster: it renews the keyring at once, the others when due. */
export function isAuthorOfHead({ roster, keys }: KeyringComponents): boolean {
  const heads = new Set(roster.heads())
  return roster.operations().some(({ id, by }) => by === keys.id && heads.has(id))
}
