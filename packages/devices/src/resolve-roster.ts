import type { DeviceId, VaultId } from '@muniment/interface'
import { clientIdOf } from './client-ids.ts'
import { type Cause, judgeVoid, type Verdicts } from './judge-void.ts'
import type { Cut, RecoveryPublicKeys, Removing } from './kit-acts.ts'
import { placeOperations } from './place-operations.ts'
import { knew, type Placed, type ReceivedOperation } from './placed.ts'
import type { Placement } from './placement.ts'
import { type Membership, membershipOf } from './roster-members.ts'
import type { EnrolledDevice, RosterOperation } from './roster-operation.ts'

/** A device of the vault, as the roster has it. */
export interface RosterDevice extends EnrolledDevice {
  /** Its Yjs client id: unique in the vault, from 1 to 2^32 − 1, and never another one. */
  readonly clientId: number
  /** Who enrolled it: a device, itself for the one that created the vault, or the recovery member's id. */
  readonly addedBy: string
}

const NO_HASH = new Uint8Array(0)

/** A device that was removed. */
export interface RemovedDevice extends RosterDevice {
  /** The device, or the recovery member's id. */
  readonly removedBy: string
  /** Where its log ends: what it wrote after is not delivered. */
  readonly cut: Cut
  /** Names of holder keys that were on it and are to be retired: base64url of 32 bytes. */
  readonly retire: readonly string[]
  /** True when it ranks above who removed it: what it says about the roster may still count (protocol rule 7). */
  readonly mayBeHeard: boolean
}

/**
 * What became of an operation. *void*: without effect, with what descends from it; *waiting*: something before it has not
 * arrived; *not understood*: a later version's.
 */
export type Standing = 'applied' | 'void' | 'not_understood' | 'waiting'

/** An operation with what became of it. None is ever dropped (protocol rule 7). */
export interface ShownOperation {
  readonly id: string
  /** The device in whose log it is, or the recovery member's id. */
  readonly by: string
  /** `create`, `add`, `remove` and so on, the name by which a later version calls it, or `unreadable`. */
  readonly op: string
  readonly standing: Standing
  /** For a void one, why, in a stable word. */
  readonly reason?: string
}

/** What a set of operations comes to. */
export interface ResolvedRoster {
  /** In order of authority (protocol rule 7): the order of enrolment. */
  readonly devices: readonly RosterDevice[]
  readonly removed: readonly RemovedDevice[]
  /** Devices whose enrolment is void, with the client ids that they had been given. */
  readonly neverEnrolled: readonly { readonly id: DeviceId; readonly clientId: number }[]
  /** Everybody who is in no longer, or never was: devices and recovery members. Nothing is sealed to them. */
  readonly out: readonly string[]
  /** The recovery members that count: at most one kit and one of guardians. */
  readonly kits: readonly RecoveryPublicKeys[]
  /** The operations after which keys made before seal nothing new: removals, rotations, new recovery members. */
  readonly turns: readonly string[]
  /** Devices whose agreement key is older than one of those. */
  readonly owing: ReadonlySet<DeviceId>
  /** The latest operations, ascending. */
  readonly heads: readonly string[]
  /** The names of all operations that have a place. */
  readonly placed: ReadonlySet<string>
  /** All operations, in the order in which they count; those without a place come last. */
  readonly operations: readonly ShownOperation[]
}

/** What a set of operations comes to, whatever the order in which they arrived: docs/protocols/roster.md. */
export function resolveRoster(vault: VaultId, received: readonly ReceivedOperation[]): ResolvedRoster {
  const each = withoutRepeats(received)
  const placement = placeOperations(vault, each)
  const verdicts = judgeVoid(placement)
  const membership = membershipOf(verdicts, placement)
  const standing = placement.placed.filter((one) => verdicts.stands(one))
  const turns = standing.filter(isTurn)
  const { devices, owing } = devicesOf(placement, standing, turns)
  const { members, removals } = membership
  const byId = new Map(devices.map((device) => [device.id, device]))
  return {
    devices: devices.filter(({ id }) => members.has(id)),
    removed: removedOf(byId, membership, { placement, standing }),
    neverEnrolled: devices
      .filter(({ id }) => !members.has(id) && !removals.has(id))
      .map(({ id, clientId }) => ({ id, clientId })),
    out: [
      ...devices.map(({ id }) => id).filter((id) => !members.has(id)),
      ...[...verdicts.kits.kit.slice(0, -1), ...verdicts.kits.guardians.slice(0, -1)].map(({ id }) => id),
    ],
    kits: [...verdicts.kits.kit.slice(-1), ...verdicts.kits.guardians.slice(-1)],
    turns: turns.map(({ one }) => one.id).sort(),
    owing,
    heads: headsOf(standing),
    placed: new Set(placement.placed.map(({ one }) => one.id)),
    operations: shownOf(each, placement, { verdicts, membership }),
  }
}

/** An operation whose bytes its author's log has twice counts where they come first. */
function withoutRepeats(received: readonly ReceivedOperation[]): readonly ReceivedOperation[] {
  const first = new Map<string, ReceivedOperation>()
  for (const one of received) if (one.seq < (first.get(one.id)?.seq ?? Infinity)) first.set(one.id, one)
  return [...first.values()]
}

interface Listed {
  readonly device: RosterDevice
  readonly namedBy: Placed
  readonly keyedBy: Placed
}

function devicesOf({ enrolledBy }: Placement, standing: readonly Placed[], turns: readonly Placed[]) {
  const listed = new Map<DeviceId, Listed>()
  for (const [id, by] of enrolledBy) {
    const given = enrolledIn(by.one.operation, id)
    const clientId = clientIdOf(enrolledBy, id)
    if (!given || clientId === undefined) continue
    const { operation, author } = by.one
    const addedBy = operation.op === 'signed' ? operation.by : author
    listed.set(id, { device: { ...given, clientId, addedBy }, namedBy: by, keyedBy: by })
  }
  for (const each of standing) {
    const { operation, author } = each.one
    if (operation.op === 'rename') {
      const one = listed.get(operation.device)
      if (!one || !(knew(each.past, one.namedBy) || each.rank < one.namedBy.rank)) continue
      listed.set(one.device.id, { ...one, device: { ...one.device, name: operation.name }, namedBy: each })
    } else if (operation.op === 'agreement') {
      const one = listed.get(author)
      if (one)
        listed.set(author, { ...one, device: { ...one.device, agreementKey: operation.key }, keyedBy: each })
    }
  }
  const all = [...listed.values()]
  const isOlder = ({ keyedBy }: Listed): boolean =>
    turns.some((turn) => turn !== keyedBy && !knew(keyedBy.past, turn))
  return {
    devices: all.map(({ device }) => device),
    owing: new Set(all.filter(isOlder).map(({ device }) => device.id)),
  }
}

function enrolledIn(operation: RosterOperation, id: DeviceId): EnrolledDevice | undefined {
  if (operation.op === 'create' || operation.op === 'add') return operation.device
  if (operation.op !== 'signed') return undefined
  return operation.acts.add.find(({ device }) => device.id === id)?.device
}

function removedOf(
  byId: ReadonlyMap<DeviceId, RosterDevice>,
  { removals }: Membership,
  { placement, standing }: { readonly placement: Placement; readonly standing: readonly Placed[] },
): readonly RemovedDevice[] {
  const order = [...placement.enrolledBy.keys()]
  return [...removals].flatMap(([id, by]) => {
    const device = byId.get(id)
    const removing = removingIn(by, id)
    if (!device || !removing) return []
    const { operation, author } = by.one
    const retire = standing.flatMap((each) => removingIn(each, id)?.retire ?? [])
    return [
      {
        ...device,
        removedBy: operation.op === 'signed' ? operation.by : author,
        // Who leaves cannot name its own last frame: its log ends with the entry that says so.
        cut: author === id && operation.op === 'remove' ? { seq: by.one.seq, hash: NO_HASH } : removing.cut,
        retire: [...new Set(retire)].sort(),
        mayBeHeard: order.indexOf(id) < by.rank,
      },
    ]
  })
}

function removingIn({ one }: Placed, id: DeviceId): Removing | undefined {
  const { operation } = one
  if (operation.op === 'remove') return operation.device === id ? operation : undefined
  return operation.op === 'signed' ? operation.acts.remove.find(({ device }) => device === id) : undefined
}

function isTurn({ one: { operation } }: Placed): boolean {
  if (operation.op === 'remove' || operation.op === 'rotate') return true
  if (operation.op !== 'signed') return false
  const { remove, rotate, kit } = operation.acts
  return remove.length > 0 || rotate || kit !== undefined
}

/** Those that the author of no other one knew: one for each log at the most, however little its device names. */
function headsOf(standing: readonly Placed[]): readonly string[] {
  const known: number[] = []
  for (const { past } of standing) {
    for (const [log, count] of past.entries()) if (count > (known[log] ?? 0)) known[log] = count
  }
  return standing
    .filter(({ log, number }) => number > (known[log] ?? 0))
    .map(({ one }) => one.id)
    .sort()
}

function shownOf(
  received: readonly ReceivedOperation[],
  { placed }: Placement,
  { verdicts, membership }: { readonly verdicts: Verdicts; readonly membership: Membership },
): readonly ShownOperation[] {
  const withPlace = new Set(placed.map(({ one }) => one))
  const shown = placed.map((each) =>
    shownOne(each.one, reasonFor(each, verdicts.causes.get(each), membership.withheld)),
  )
  const others = received.filter((one) => !withPlace.has(one)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return [...shown, ...others.map(unplaced)]
}

function reasonFor(
  each: Placed,
  cause: Cause | undefined,
  withheld: ReadonlySet<Placed>,
): string | undefined {
  return each.unsound ?? cause ?? (withheld.has(each) ? 'last_device' : undefined)
}

function shownOne({ id, author, operation }: ReceivedOperation, reason: string | undefined): ShownOperation {
  const by = operation.op === 'signed' ? operation.by : author
  const op = nameOf(operation)
  if (reason !== undefined) return { id, by, op, standing: 'void', reason }
  return { id, by, op, standing: operation.op === 'unknown' ? 'not_understood' : 'applied' }
}

function unplaced({ id, author, operation }: ReceivedOperation): ShownOperation {
  const standing = operation.op === 'unreadable' ? 'not_understood' : 'waiting'
  return { id, by: author, op: nameOf(operation), standing }
}

function nameOf(operation: RosterOperation): string {
  return operation.op === 'unknown' ? operation.called : operation.op
}
