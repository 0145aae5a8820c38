import { base64url, type CanonicalValue, fromCanonical, hashInDomain, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type PeerId,
  type VaultId,
} from '@muniment/interface'
import * as v from 'valibot'
import { AGREEMENT_KEY_LENGTH, MAX_HEADS, MAX_OPERATION_LENGTH } from './constants.ts'
import {
  kindSchema,
  type KitActs,
  kitActsSchema,
  kitSchema,
  plainActs,
  plainRemoving,
  type RecoveryPublicKeys,
  type Removing,
  removingEntries,
} from './kit-acts.ts'
import type { RecoveryKind } from './recovery/recovery-member.ts'
import { bytesOf, deviceName, enrolledDevice, id32 } from './schemas.ts'

/** What the roster says of a device when it is enrolled. */
export interface EnrolledDevice {
  readonly id: DeviceId
  readonly name: string
  /** The peer id by which its connections are known. */
  readonly transport: PeerId
  /** Its X-Wing public key. */
  readonly agreementKey: Uint8Array
}

interface Common {
  /** Names of the latest operations that the author knew. */
  readonly prev: readonly string[]
}

/** The first operation; its hash is the vault's id. */
export interface CreateOperation extends Common {
  readonly op: 'create'
  readonly device: EnrolledDevice
  /** 16 random bytes, so that the vault's id tells nothing of the names in it. */
  readonly salt: Uint8Array
}

/** Enrols a device. */
export interface AddOperation extends Common {
  readonly op: 'add'
  readonly device: EnrolledDevice
}

/** Gives a device another name. */
export interface RenameOperation extends Common {
  readonly op: 'rename'
  readonly device: DeviceId
  readonly name: string
}

/** Takes a device out of the vault, and says where its log ends. */
export interface RemoveOperation extends Common, Removing {
  readonly op: 'remove'
  /** 16 random bytes, so that the removed device cannot know the name of what follows. */
  readonly salt: Uint8Array
}

/** Begins an epoch with new keys, without a change of the devices. */
export interface RotateOperation extends Common {
  readonly op: 'rotate'
  /** 16 random bytes, as in a removal. */
  readonly salt: Uint8Array
}

/** Gives the author's own new X-Wing public key. */
export interface AgreementOperation extends Common {
  readonly op: 'agreement'
  readonly key: Uint8Array
}

/** Names the first recovery kit, or the first guardians. */
export interface KitOperation extends Common {
  readonly op: 'kit'
  readonly kit: RecoveryPublicKeys
}

/** An operation of a recovery member, carried in a device's log. Its signature is not checked by parsing. */
export interface SignedOperation extends Common {
  readonly op: 'signed'
  readonly kind: RecoveryKind
  /** The member's id. */
  readonly by: string
  readonly acts: KitActs
  readonly signature: Uint8Array
}

/** An operation of a later version: kept with its place in the graph and shown, without effect here. */
export interface UnknownOperation extends Common {
  readonly op: 'unknown'
  /** The name by which the later version calls it. */
  readonly called: string
}

/** What cannot be read at all: kept and shown, without a place in the graph. */
export interface UnreadableOperation extends Common {
  readonly op: 'unreadable'
}

/** One operation of the roster. */
export type RosterOperation =
  | CreateOperation
  | AddOperation
  | RenameOperation
  | RemoveOperation
  | RotateOperation
  | AgreementOperation
  | KitOperation
  | SignedOperation
  | UnknownOperation
  | UnreadableOperation

/** An operation that this version writes. */
export type WritableOperation = Exclude<RosterOperation, UnknownOperation | UnreadableOperation>

const prev = v.pipe(v.array(id32), v.maxLength(MAX_HEADS), v.check<string[]>(isAscending))
const common = { v: v.literal(1), prev }
const known = v.variant('op', [
  v.strictObject({ ...common, op: v.literal('create'), device: enrolledDevice, salt: bytesOf(16) }),
  v.strictObject({ ...common, op: v.literal('add'), device: enrolledDevice }),
  v.strictObject({ ...common, op: v.literal('rename'), device: id32, name: deviceName }),
  v.strictObject({ ...common, op: v.literal('remove'), ...removingEntries, salt: bytesOf(16) }),
  v.strictObject({ ...common, op: v.literal('rotate'), salt: bytesOf(16) }),
  v.strictObject({ ...common, op: v.literal('agreement'), key: bytesOf(AGREEMENT_KEY_LENGTH) }),
  v.strictObject({ ...common, op: v.literal('kit'), kit: kitSchema }),
  v.strictObject({
    ...common,
    op: v.literal('signed'),
    kind: kindSchema,
    by: id32,
    acts: kitActsSchema,
    signature: bytesOf(64),
  }),
])
const anyOperation = v.looseObject({
  v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  op: v.pipe(v.string(), v.maxLength(64)),
  prev,
})
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  'create',
  'add',
  'rename',
  'remove',
  'rotate',
  'agreement',
  'kit',
  'signed',
])

/** The operation's bytes: the body of a `roster` entry. */
export function encodeOperation(operation: WritableOperation): Uint8Array {
  const { op, prev: before } = operation
  return toCanonical({ v: 1, op, prev: before, ...plainFields(operation) })
}

function plainFields(operation: WritableOperation): { readonly [name: string]: CanonicalValue } {
  const { op } = operation
  if (op === 'create') return { device: { ...operation.device }, salt: operation.salt }
  if (op === 'add') return { device: { ...operation.device } }
  if (op === 'rename') return { device: operation.device, name: operation.name }
  if (op === 'remove') return { ...plainRemoving(operation), salt: operation.salt }
  if (op === 'agreement') return { key: operation.key }
  if (op === 'kit') return { kit: { ...operation.kit } }
  if (op === 'rotate') return { salt: operation.salt }
  const { kind, by, acts, signature } = operation
  return { kind, by, acts: plainActs(acts), signature }
}

/** Reads an operation; throws `ERR_MALFORMED` for what not even a later version can have meant. */
export function parseOperation(bytes: Uint8Array): RosterOperation {
  if (bytes.length > MAX_OPERATION_LENGTH) throw malformed()
  const value = fromCanonical(bytes)
  const understood = v.safeParse(known, value)
  if (understood.success) {
    const { v: _version, ...operation } = understood.output
    return operation
  }
  const later = v.safeParse(anyOperation, value)
  if (!later.success || (later.output.v === 1 && KNOWN_NAMES.has(later.output.op))) throw malformed()
  const { prev: before, op } = later.output
  return { op: 'unknown', called: op, prev: before }
}

/**
 * The name of an operation: a hash of its author and its bytes. The author is the device whose log carries it, and so
 * whose frame signature it has; bytes repeated in another device's log are another operation, of that device.
 */
export function operationId(cryptography: Cryptography, author: DeviceId, bytes: Uint8Array): string {
  return base64url(hashInDomain(cryptography, 'muniment/roster-operation/1', toCanonical([author, bytes])))
}

/** The vault that an operation is the beginning of. */
export function vaultIdOf(cryptography: Cryptography, genesis: Uint8Array): VaultId {
  return base64url(hashInDomain(cryptography, 'muniment/vault/1', genesis))
}

/** The name of the epoch with these heads (protocol rule 4). */
export function epochOf(cryptography: Cryptography, heads: readonly string[]): EpochId {
  return base64url(hashInDomain(cryptography, 'muniment/epoch/1', toCanonical([...heads].sort())))
}

function isAscending(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'these bytes are not a roster operation')
}
