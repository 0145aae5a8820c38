import { base64url, fromCanonical, hashInDomain, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type PeerId,
  type VaultId,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_HEADS, MAX_OPERATION_LENGTH } from './constants.ts'
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
  | UnknownOperation
  | UnreadableOperation

/** An operation that this version writes. */
export type WritableOperation = CreateOperation | AddOperation | RenameOperation

const prev = v.pipe(v.array(id32), v.maxLength(MAX_HEADS), v.check<string[]>(isAscending))
const common = { v: v.literal(1), prev }
const known = v.variant('op', [
  v.strictObject({ ...common, op: v.literal('create'), device: enrolledDevice, salt: bytesOf(16) }),
  v.strictObject({ ...common, op: v.literal('add'), device: enrolledDevice }),
  v.strictObject({ ...common, op: v.literal('rename'), device: id32, name: deviceName }),
])
const anyOperation = v.looseObject({
  v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  op: v.pipe(v.string(), v.maxLength(64)),
  prev,
})
const KNOWN_NAMES: ReadonlySet<string> = new Set(['create', 'add', 'rename'])

/** The operation's bytes: the body of a `roster` entry. */
export function encodeOperation(operation: WritableOperation): Uint8Array {
  return toCanonical({ v: 1, ...operation, ...deviceField(operation) })
}

function deviceField(operation: WritableOperation) {
  return operation.op === 'rename' ? { device: operation.device } : { device: { ...operation.device } }
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
