import { fromBase64url } from '@muniment/crypto'
import { type Cryptography, type DeviceId, MunimentError, type VaultId } from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import { clientIdOfKitSlot } from './client-id.ts'
import { KIT_SLOTS, MAX_HEADS } from './constants.ts'
import { type KitActs, type RecoveryPublicKeys, type Removing, signAsKit } from './kit-acts.ts'
import type { RecoveryMember } from './recovery/recovery-member.ts'
import { encodeOperation, type EnrolledDevice, parseOperation } from './roster-operation.ts'
import type { RosterView } from './roster-view.ts'

/** What a recovery member does in one operation. */
export interface RecoveryActs {
  /** Enrols these devices. */
  readonly enrol?: readonly EnrolledDevice[]
  /** Takes these devices out, where their logs end here. */
  readonly remove?: readonly DeviceId[]
  /** Names the member that takes its place; the kit may name guardians. */
  readonly name?: RecoveryPublicKeys
  /** Begins an epoch with new keys. */
  readonly rotate?: boolean
}

/** In which vault, how far its logs are held, and what signs. */
export interface RecoveryScene {
  readonly cryptography: Cryptography
  readonly vault: VaultId
  readonly heads: Readonly<Record<DeviceId, LogHead>>
}

/** The operation by which a device names the first kit or the first guardians. Throws `ERR_ALREADY_EXISTS`. */
export function namingOperation(view: RosterView, named: RecoveryPublicKeys): Uint8Array {
  if (view.kits.some(({ kind }) => kind === named.kind)) {
    throw new MunimentError(
      'ERR_ALREADY_EXISTS',
      'there is one already, and only a recovery member can put another in its place',
    )
  }
  const { kind, id, agreementKey } = named
  return encodeOperation({ op: 'kit', prev: view.heads.slice(0, MAX_HEADS), kit: { kind, id, agreementKey } })
}

/**
 * The operation that a recovery member signs, for the log of a device that carries it. Throws `ERR_NOT_A_MEMBER` for a
 * member that is not, or no longer, the vault's, `ERR_NOT_FOUND` for a device to remove that is none, `ERR_MALFORMED`.
 */
export async function recoveryOperation(
  { cryptography, vault, heads }: RecoveryScene,
  view: RosterView,
  { member, acts }: { readonly member: RecoveryMember; readonly acts: RecoveryActs },
): Promise<Uint8Array> {
  const { kind, keys } = member
  if (!view.kits.some((kit) => kit.kind === kind && kit.id === keys.id)) {
    throw new MunimentError(
      'ERR_NOT_A_MEMBER',
      'these words or fragments are not, or no longer, of this vault',
    )
  }
  const prev = view.heads.slice(0, MAX_HEADS)
  const said = { vault, prev, kind, by: keys.id, acts: writtenActs(view, heads, acts) }
  const signature = await signAsKit(cryptography.signer(keys.signing), said)
  const bytes = encodeOperation({ op: 'signed', prev, kind, by: keys.id, acts: said.acts, signature })
  parseOperation(bytes)
  return bytes
}

function writtenActs(
  view: RosterView,
  heads: RecoveryScene['heads'],
  { enrol = [], remove = [], name, rotate = false }: RecoveryActs,
): KitActs {
  const slots = freeSlots(view)
  return {
    add: enrol.map((device) => ({ device, slot: slots.next().value ?? 0 })),
    remove: remove.map((device) => removing(view, device, heads[device])),
    rotate,
    ...(name && { kit: { kind: name.kind, id: name.id, agreementKey: name.agreementKey } }),
  }
}

function removing({ byId }: RosterView, device: DeviceId, head: LogHead | undefined): Removing {
  if (!byId.has(device)) throw new MunimentError('ERR_NOT_FOUND', 'no device of this vault has that id')
  const cut = head ? { seq: head.seq, hash: fromBase64url(head.hash) } : { seq: 0, hash: new Uint8Array(0) }
  return { device, cut, retire: [] }
}

/** Places that no enrolment by a recovery member has taken. */
function* freeSlots({ clientIds }: RosterView): Generator<number, undefined> {
  const taken = new Set(clientIds.values())
  for (let slot = 0; slot < KIT_SLOTS; slot++) if (!taken.has(clientIdOfKitSlot(slot))) yield slot
  throw new MunimentError('ERR_UNSUPPORTED', 'too many devices were enrolled by recovery')
}
