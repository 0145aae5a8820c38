/**
 * The devices of a vault: making one, inviting and joining, the roster with its epochs, and the keyring of the data
 * keys.
 *
 * @example
 * ```ts
 * import { invite, join, openRoster, readInvitation } from '@muniment/devices'
 *
 * // on the laptop
 * const confirmWords = (words: readonly string[]) => ask(`Does the other screen show ${words.join(' ')}?`)
 * const invitation = invite({ roster, keyring, cryptography, random, clock }, { addresses })
 * const accepting = invitation.accept(laptopChannel, { confirmWords })
 *
 * // on the phone, where the code is typed
 * const { secret } = readInvitation(invitation.code)
 * const joined = await join(phoneChannel, { cryptography, random, clock }, { secret, name: 'Phone', confirmWords })
 * await keyringFile.replace(joined.keyring)
 * const { vaultId: vault, granted } = joined
 * const onPhone = await openRoster({ cryptography, random, store }, { vault, device: joined.keys.id, granted })
 * console.log((await accepting).name, onPhone.devices().length) // Phone 2
 * ```
 * @packageDocumentation
 */
export type { AgreementKeys } from './agreement.ts'
export type { ConfirmWords } from './confirm-words.ts'
export { COMPARED_WORDS, INVITATION_LIFETIME, STEP_TIMEOUT, WORDS_TIMEOUT } from './constants.ts'
export { createVault, type NewVault } from './create-vault.ts'
export { decodeDeviceKeys, type DeviceKeys, encodeDeviceKeys, makeDeviceKeys } from './device-keys.ts'
export { type InvitationSecret, type ReadInvitation, readInvitation } from './invitation-secret.ts'
export { type Invitation, type InvitationState, invite, type InviteComponents } from './invite.ts'
export { join, type JoinedVault, type JoinInit } from './join.ts'
export { type Keyring, type KeyringDescription, openKeyring } from './keyring.ts'
export type { KeyringComponents } from './keyring-wrap.ts'
export { type OwnAgreement, openOwnAgreement } from './own-agreement.ts'
export { PAIRING_PROTOCOL } from './pairing-handshake.ts'
export type { PairingComponents } from './pairing-steps.ts'
export type { RecoveryPublicKeys } from './kit-acts.ts'
export type { RecoveryActs } from './recovery-operations.ts'
export type { Fragment } from './recovery/fragment.ts'
export { fragmentLink, fragmentWords, type ReadFragment, readFragment } from './recovery/fragment-forms.ts'
export { fragmentPageHtml, fragmentPageText } from './recovery/fragment-page.ts'
export {
  decodeGuardianSet,
  encodeGuardianSet,
  type GuardianSet,
  type GuardianSetInit,
  makeGuardianSet,
  type NewGuardianSet,
} from './recovery/guardian-set.ts'
export {
  decodeKitState,
  encodeKitState,
  kitCounts,
  type KitState,
  type RehearsalKind,
} from './recovery/kit-state.ts'
export { kitPageHtml, kitPageText } from './recovery/kit-page.ts'
export type { WordProblem } from './recovery/read-words.ts'
export {
  type FragmentProblem,
  type GivenFragment,
  recoverFromFragments,
  type RecoverOutcome,
} from './recovery/recover-fragments.ts'
export { makeRecoveryKit, type ReadKit, readRecoveryKit, type RecoveryKit } from './recovery/recovery-kit.ts'
export {
  decodeRecoveryCard,
  encodeRecoveryCard,
  type RecoveryCard,
  recoveryCard,
  type RecoveryKind,
  type RecoveryMember,
  recoveryMember,
} from './recovery/recovery-member.ts'
export { type Rehearsal, rehearseWords, startRehearsal } from './recovery/rehearsal.ts'
export { openSealedFragment, sealFragment } from './recovery/seal-fragment.ts'
export type { WordLanguage } from './recovery/word-list.ts'
export type { RemovedDevice, RosterDevice, ShownOperation, Standing } from './resolve-roster.ts'
export { openRoster, type Roster, type RosterLog } from './roster.ts'
export type { EnrolledDevice } from './roster-operation.ts'
export type { LogEnd } from './roster-view.ts'
export { type GrantedRoster, rereadChanges } from './roster-rows.ts'
export type { RosterComponents, RosterInit } from './roster-state.ts'
