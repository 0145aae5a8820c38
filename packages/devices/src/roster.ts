import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type PeerId,
  type VaultId,
} from '@muniment/interface'
import type { Log, Members } from '@muniment/log'
import { inTurn } from './in-turn.ts'
import type { RemovedDevice, RosterDevice, ShownOperation } from './resolve-roster.ts'
import type { RecoveryPublicKeys } from './kit-acts.ts'
import { namingOperation, type RecoveryActs, recoveryOperation } from './recovery-operations.ts'
import type { RecoveryMember } from './recovery/recovery-member.ts'
import { addition, agreeing, removing, renaming, rotating } from './roster-changes.ts'
import { type EnrolledDevice, vaultIdOf } from './roster-operation.ts'
import { openRosterState, type RosterComponents, type RosterInit, type RosterState } from './roster-state.ts'
import { isByKit, type LogEnd, parsedOrUnreadable, type RosterView } from './roster-view.ts'

/** What the roster reads of a log, and writes to it. */
export type RosterLog = Pick<Log, 'append' | 'entries' | 'heads' | 'onAppend' | 'seen'>

/** The devices of a vault, now. */
export interface Roster extends Members {
  readonly vault: VaultId
  /** The devices in order of authority: the order of enrolment. */
  devices(): readonly RosterDevice[]
  /** The device of that id, when it is one of the vault's. */
  device(id: DeviceId): RosterDevice | undefined
  /** The device whose connections have that peer id. */
  byTransport(peer: PeerId): RosterDevice | undefined
  /** True when a removed device, and no device of the vault, has connections with that peer id. */
  wasRemoved(peer: PeerId): boolean
  isMember(device: DeviceId): boolean
  /** True when one of these operations, carried by that device, makes it a member by itself. */
  admits(device: DeviceId, operations: readonly Uint8Array[]): boolean
  /** The devices that were removed, in order of authority of who removed them. */
  removed(): readonly RemovedDevice[]
  /**
   * Where the log of a device that is out ends: at the cut of the removal that counts, and at 0 when its enrolment is
   * void. `undefined` for a member and for a stranger.
   */
  cutOf(device: DeviceId): LogEnd | undefined
  /** Everybody who is in no longer, or never was, devices and recovery members: nothing is sealed to them. */
  out(): readonly string[]
  /** The Yjs client id of a device of the vault, also of one that was removed: what it wrote before stays its own. */
  clientIdOf(device: DeviceId): number | undefined
  /** Names of the latest operations, ascending. */
  heads(): readonly string[]
  /** The epoch's name, a hash of the heads (protocol rule 4). */
  epoch(): EpochId
  /** True when the operation has arrived and stands. */
  knows(operation: string): boolean
  /** True after pairing, until the roster has arrived by sync: what the inviting device said is believed until then. */
  isGranted(): boolean
  /** Every operation received, in the order in which they count, with what became of it. */
  operations(): readonly ShownOperation[]
  /**
   * Reads what the log has that is new, and from then on follows it. On the device that created the vault it writes
   * the first operation, so the log must be open for writing then (`knownOffline`).
   */
  follow(log: RosterLog): Promise<void>
  /** Enrols a device. Throws `ERR_ALREADY_EXISTS`, `ERR_TOO_LARGE` for one too many, `ERR_MALFORMED`, `ERR_UNSUPPORTED`. */
  add(device: EnrolledDevice): Promise<RosterDevice>
  /** Gives a device another name. Throws `ERR_NOT_FOUND`, `ERR_MALFORMED`. */
  rename(device: DeviceId, name: string): Promise<void>
  /** The recovery members that count: at most one kit, and one of guardians. */
  recoveryMembers(): readonly RecoveryPublicKeys[]
  /** Names the first kit, or the first guardians. Throws `ERR_ALREADY_EXISTS` where there is one: it names the next. */
  nameRecovery(member: RecoveryPublicKeys): Promise<void>
  /**
   * Acts as a recovery member, in this device's log; this device may be one that it enrols. Throws `ERR_NOT_A_MEMBER`
   * for a member that is not, or no longer, the vault's, and `ERR_NOT_FOUND`.
   */
  actAsRecovery(member: RecoveryMember, acts: RecoveryActs): Promise<void>
  /**
   * Takes a device out of the vault, as of what this device holds of its log: what it writes after that counts no more.
   * A device may take out itself. Throws `ERR_NOT_FOUND`, `ERR_LAST_DEVICE`, `ERR_REMOVED` on a device that is out itself.
   */
  remove(
    device: DeviceId,
    options?: {
      /** Holder keys that lie on the device and are to be retired: base64url of 32 bytes each, 256 at most. */
      readonly retire?: readonly string[]
    },
  ): Promise<RemovedDevice>
  /** Begins an epoch with new keys for the same devices. */
  rotate(): Promise<void>
  /** Gives this device's new X-Wing public key. */
  renewAgreement(publicKey: Uint8Array): Promise<void>
  /** True when this device is to renew its agreement key: somebody was removed, or keys were rotated, since it was made. */
  owesAgreement(): boolean
  /**
   * A name for who may know the keys: another one after each removal and rotation. Data keys made under one name seal
   * nothing under another (protocol rule 5).
   */
  generation(): string
  /** Calls the listener after operations arrived. */
  onChange(listener: () => void): () => void
}

/**
 * Opens the roster from the store. It is opened before the log, which asks it who is a member and what epoch it is;
 * then it follows the log. Throws `ERR_MALFORMED` for a first operation of another vault.
 */
export async function openRoster(components: RosterComponents, init: RosterInit): Promise<Roster> {
  const { random } = components
  const state = await openRosterState(components, init)
  const turn = inTurn()
  let log: RosterLog | undefined

  async function write(make: Make): Promise<void> {
    const following = log
    if (!following) throw new MunimentError('ERR_USAGE', 'the roster is changed only once it follows the log')
    const body = await make(state.view(), following)
    const [address] = await following.append([{ kind: 'roster', body }])
    if (address) await state.takeIn(following, address.device, address.seq)
  }

  return {
    vault: init.vault,
    ...reading(state, init.device),
    admits: (device, operations) =>
      operations.some((bytes) =>
        admitsByItself(components.cryptography, state, { vault: init.vault, device, bytes }),
      ),
    async follow(following) {
      log = following
      following.onAppend(({ device, last, hasRoster }) =>
        hasRoster ? state.takeIn(following, device, last) : undefined,
      )
      for (const [device, { seq }] of Object.entries(following.heads()))
        await state.takeIn(following, device, seq)
      // What a device writes first is in every log that is not empty, also where the disk lost it.
      const isEmpty = following.heads()[init.device] === undefined
      for (const bytes of isEmpty ? state.unwritten() : []) await write(() => bytes)
    },
    async add(added) {
      await turn(() => write((view) => addition(view, init.device, added)))
      const enrolled = state.view().byId.get(added.id)
      if (enrolled) return enrolled
      throw new MunimentError('ERR_NOT_A_MEMBER', 'this device may not enrol another one')
    },
    rename: (id, name) => turn(() => write((view) => renaming(view, init.device, { id, name }))),
    async remove(id, { retire = [] } = {}) {
      const salt = random(16)
      await turn(() =>
        write((view, following) =>
          removing(view, init.device, { id, retire, salt, head: following.heads()[id] }),
        ),
      )
      const removed = state.view().removed.find((one) => one.id === id)
      if (removed) return removed
      throw new MunimentError('ERR_NOT_A_MEMBER', 'this device may not remove another one')
    },
    rotate: () => turn(() => write((view) => rotating(view, init.device, random(16)))),
    renewAgreement: (key) => turn(() => write((view) => agreeing(view, init.device, key))),
    nameRecovery: (member) => turn(() => write((view) => namingOperation(view, member))),
    actAsRecovery: (member, acts) =>
      turn(() =>
        write((view, following) => {
          const scene = { cryptography: components.cryptography, vault: init.vault, heads: following.heads() }
          return recoveryOperation(scene, view, { member, acts })
        }),
      ),
  }
}

/** What is to be written, from what the roster comes to and how far the logs are held. */
type Make = (view: RosterView, log: RosterLog) => Uint8Array | Promise<Uint8Array>

type Changing =
  | 'admits'
  | 'follow'
  | 'add'
  | 'rename'
  | 'remove'
  | 'rotate'
  | 'renewAgreement'
  | 'nameRecovery'
  | 'actAsRecovery'

function reading(state: RosterState, device: DeviceId): Omit<Roster, 'vault' | Changing> {
  return {
    recoveryMembers: () => state.view().kits,
    devices: () => state.view().devices,
    device: (id) => state.view().byId.get(id),
    byTransport: (peer) => state.view().devices.find(({ transport }) => transport === peer),
    isMember: (id) => state.view().byId.has(id),
    removed: () => state.view().removed,
    wasRemoved: (peer) =>
      state.view().devices.every(({ transport }) => transport !== peer) &&
      state.view().removed.some(({ transport }) => transport === peer),
    out: () => state.view().out,
    cutOf: (id) => state.view().cuts.get(id),
    clientIdOf: (id) => state.view().clientIds.get(id),
    heads: () => state.view().heads,
    epoch: () => state.view().epoch,
    knows: (operation) => state.view().known.has(operation),
    isGranted: () => state.view().isGranted,
    generation: () => state.view().generation,
    owesAgreement: () => {
      const { owing, byId } = state.view()
      return owing.has(device) && byId.has(device)
    },
    operations: () => state.view().operations,
    onChange: (listener) => state.onChange(listener),
  }
}

/**
 * The vault's first operation enrols the device that carries it, and what a recovery member signs may do so; the same
 * bytes in another log do not.
 */
function admitsByItself(
  cryptography: Cryptography,
  state: RosterState,
  {
    vault,
    device,
    bytes,
  }: { readonly vault: VaultId; readonly device: DeviceId; readonly bytes: Uint8Array },
): boolean {
  const operation = parsedOrUnreadable(bytes)
  if (operation.op === 'create')
    return operation.device.id === device && vaultIdOf(cryptography, bytes) === vault
  if (operation.op !== 'signed' || !state.isNamed(operation.by)) return false
  return (
    operation.acts.add.some((added) => added.device.id === device) && isByKit(cryptography, vault, operation)
  )
}
