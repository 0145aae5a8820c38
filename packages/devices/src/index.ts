/**
 * The devices of a vault: making one, inviting and joining, the roster with its epochs, and the keyring of the data
 * keys.
 *
 * @example
 * ```ts
 * import { invite, join, openKeyring, openRoster, readInvitation } from '@muniment/devices'
 *
 * // on the laptop
 * const invitation = invite({ roster, keyring, cryptography, random, clock }, { addresses })
 * console.log(invitation.code)
 * await invitation.accept(channel, { confirmWords: (words) => ask(`Does the phone show ${words.join(' ')}?`) })
 *
 * // on the phone
 * const { secret } = readInvitation('7K2-QMD-0FX')
 * const joined = await join(channel, { cryptography, random, clock }, { secret, name: 'phone', confirmWords })
 * await keyringFile.replace(joined.keyring)
 * const roster = await openRoster({ cryptography, store }, { vault: joined.vaultId, device: joined.keys.id, ...joined })
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
export { PAIRING_PROTOCOL } from './pairing-handshake.ts'
export type { PairingComponents } from './pairing-steps.ts'
export type { RosterDevice, ShownOperation, Standing } from './resolve-roster.ts'
export { openRoster, type Roster, type RosterLog } from './roster.ts'
export type { EnrolledDevice } from './roster-operation.ts'
export type { GrantedRoster } from './roster-rows.ts'
export type { RosterComponents, RosterInit } from './roster-state.ts'
