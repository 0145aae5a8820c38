import type { DeviceId, VaultId } from '@muniment/interface'
import { clientIdOfAdded, FIRST_CLIENT_ID } from './client-id.ts'
import type { EnrolledDevice, RosterOperation } from './roster-operation.ts'

/** A device of the vault, as the roster has it. */
export interface RosterDevice extends EnrolledDevice {
  /** Its Yjs client id: unique in the vault, from 1 to 2^32 − 1, and never another one. */
  readonly clientId: number
  /** Who enrolled it; itself for the device that created the vault. */
  readonly addedBy: DeviceId
}

/** An operation as it came in: what it says, and where in its author's log it stood. */
export interface ReceivedOperation {
  /** Its name, a hash. */
  readonly id: string
  /** The device whose log carried it. */
  readonly author: DeviceId
  /** The number of its entry there. */
  readonly seq: number
  readonly operation: RosterOperation
  /** The vault id that it would be the beginning of. */
  readonly asGenesis: VaultId
}

/**
 * What became of an operation. *void*: without effect, with all that descends from it; *waiting*: something before it
 * has not arrived; *not understood*: a later version's.
 */
export type Standing = 'applied' | 'void' | 'not_understood' | 'waiting'

/** An operation with what became of it. None is ever dropped (protocol rule 7). */
export interface ShownOperation {
  readonly id: string
  readonly by: DeviceId
  /** `create`, `add`, `rename`, the name by which a later version calls it, or `unreadable`. */
  readonly op: string
  readonly standing: Standing
  /** For a void one, why, in a stable word. */
  readonly reason?: string
}

/** What a set of operations comes to. */
export interface ResolvedRoster {
  /** In order of authority (protocol rule 7): the order of enrolment. */
  readonly devices: readonly RosterDevice[]
  /** The latest operations, ascending. */
  readonly heads: readonly string[]
  /** All operations, in the order in which they count; those without a place come last. */
  readonly operations: readonly ShownOperation[]
}

/** For each author, how many of its operations that took effect lie before or at a place of the graph. */
type Past = ReadonlyMap<DeviceId, number>

interface Placed {
  readonly past: Past
  readonly isVoid: boolean
}

interface Enrolled {
  device: RosterDevice
  readonly rank: number
  /** The operation that enrolled it: its author, and its number among that author's that took effect. */
  readonly since: readonly [DeviceId, number]
  namedBy: readonly [DeviceId, number]
}

/**
 * What a set of operations comes to, whatever the order in which they arrived. The graph is walked from the first
 * operation; of those whose predecessors all stand, the one of the highest authority comes next, and of one author's
 * the earlier in its log. What is added to the set later never changes how two of its members stand to each other.
 */
export function resolveRoster(vault: VaultId, received: readonly ReceivedOperation[]): ResolvedRoster {
  const readable = received.filter(({ operation }) => operation.op !== 'unreadable')
  const walk = startWalk(readable)
  const genesis = readable.find((one) => one.asGenesis === vault && isItsOwn(one))
  if (genesis) {
    for (const one of readable)
      if (one !== genesis && walk.needs.get(one.id)?.length === 0) walk.ready.add(one)
    let next: ReceivedOperation | undefined = genesis
    while (next) {
      place(walk, next, genesis)
      next = pickNext(walk)
    }
  }
  return conclude(walk, received)
}

interface Walk {
  readonly placed: Map<string, Placed>
  readonly enrolled: Map<DeviceId, Enrolled>
  readonly shown: ShownOperation[]
  readonly effective: Map<string, readonly string[]>
  readonly ready: Set<ReceivedOperation>
  /** For each operation, those that wait for it: they name it, or follow it in their author's log. */
  readonly after: Map<string, ReceivedOperation[]>
  /** For each operation, what has to be placed before it. */
  readonly needs: Map<string, readonly string[]>
  /** For each author, how many of its operations took effect so far, and how many of them added a device. */
  readonly counts: Map<DeviceId, { readonly all: number; readonly adds: number }>
}

function startWalk(received: readonly ReceivedOperation[]): Walk {
  const after = new Map<string, ReceivedOperation[]>()
  const needs = new Map<string, readonly string[]>()
  const latest = new Map<DeviceId, string>()
  for (const one of received.toSorted((a, b) => a.seq - b.seq)) {
    const own = latest.get(one.author)
    const needed = own === undefined ? one.operation.prev : [...one.operation.prev, own]
    needs.set(one.id, needed)
    latest.set(one.author, one.id)
    for (const before of needed) {
      const those = after.get(before)
      if (those) those.push(one)
      else after.set(before, [one])
    }
  }
  const [placed, enrolled, effective, counts] = [new Map(), new Map(), new Map(), new Map()]
  return { placed, enrolled, effective, counts, shown: [], ready: new Set(), after, needs }
}

function pickNext(walk: Walk): ReceivedOperation | undefined {
  let best: ReceivedOperation | undefined
  for (const one of walk.ready) if (!best || comesBefore(walk, one, best)) best = one
  return best
}

function comesBefore(walk: Walk, left: ReceivedOperation, right: ReceivedOperation): boolean {
  const rank = ({ author }: ReceivedOperation): number => walk.enrolled.get(author)?.rank ?? Infinity
  if (rank(left) !== rank(right)) return rank(left) < rank(right)
  if (left.author === right.author && left.seq !== right.seq) return left.seq < right.seq
  return left.id < right.id
}

function place(walk: Walk, one: ReceivedOperation, genesis: ReceivedOperation): void {
  walk.ready.delete(one)
  const before = pastOf(walk, one)
  const reason = one === genesis ? undefined : whyVoid(walk, one, before)
  if (reason === undefined) {
    const { all, adds } = countsOf(walk, one.author)
    walk.effective.set(one.id, one.operation.prev)
    apply(walk, one, before)
    walk.counts.set(one.author, { all: all + 1, adds: one.operation.op === 'add' ? adds + 1 : adds })
    walk.placed.set(one.id, { past: new Map(before).set(one.author, all + 1), isVoid: false })
  } else {
    walk.placed.set(one.id, { past: before, isVoid: true })
  }
  walk.shown.push(shown(one, reason))
  for (const next of walk.after.get(one.id) ?? []) {
    const isReady = (walk.needs.get(next.id) ?? []).every((id) => walk.placed.has(id))
    if (isReady && !walk.placed.has(next.id)) walk.ready.add(next)
  }
}

function countsOf(walk: Walk, author: DeviceId): { readonly all: number; readonly adds: number } {
  return walk.counts.get(author) ?? { all: 0, adds: 0 }
}

function pastOf(walk: Walk, { operation }: ReceivedOperation): Past {
  const past = new Map<DeviceId, number>()
  for (const id of operation.prev) {
    for (const [author, count] of walk.placed.get(id)?.past ?? []) {
      past.set(author, Math.max(count, past.get(author) ?? 0))
    }
  }
  return past
}

/** Why an operation has no effect, judged by what lies before it in the graph, never by what merely arrived earlier. */
function whyVoid(walk: Walk, one: ReceivedOperation, past: Past): string | undefined {
  const { operation, author } = one
  if (operation.op === 'create') return 'second_beginning'
  if (operation.prev.some((id) => walk.placed.get(id)?.isVoid)) return 'after_a_void_one'
  if (!isEnrolledIn(walk, author, past)) return 'not_a_member'
  if ((past.get(author) ?? 0) !== countsOf(walk, author).all) return 'beside_its_own'
  if (operation.op === 'rename')
    return isEnrolledIn(walk, operation.device, past) ? undefined : 'no_such_device'
  return operation.op === 'add' ? whyNotAdded(walk, one, operation.device) : undefined
}

function whyNotAdded(walk: Walk, one: ReceivedOperation, device: EnrolledDevice): string | undefined {
  if (walk.enrolled.has(device.id)) return 'already_enrolled'
  return clientIdFor(walk, one) === undefined ? 'no_client_id_left' : undefined
}

function isEnrolledIn(walk: Walk, device: DeviceId, past: Past): boolean {
  const enrolled = walk.enrolled.get(device)
  return enrolled !== undefined && includes(past, enrolled.since)
}

function includes(past: Past, [author, number]: readonly [DeviceId, number]): boolean {
  return (past.get(author) ?? 0) >= number
}

function clientIdFor(walk: Walk, one: ReceivedOperation): number | undefined {
  const adder = walk.enrolled.get(one.author)
  return adder && clientIdOfAdded(adder.device.clientId, countsOf(walk, one.author).adds + 1)
}

function apply(walk: Walk, one: ReceivedOperation, past: Past): void {
  const { operation, author } = one
  const here = [author, countsOf(walk, author).all + 1] as const
  if (operation.op === 'create' || operation.op === 'add') {
    const clientId = operation.op === 'create' ? FIRST_CLIENT_ID : clientIdFor(walk, one)
    if (clientId === undefined) return
    const device = { ...operation.device, clientId, addedBy: author }
    walk.enrolled.set(device.id, { device, rank: walk.enrolled.size, since: here, namedBy: here })
  } else if (operation.op === 'rename') {
    const enrolled = walk.enrolled.get(operation.device)
    // Of two names given at the same time the one of higher authority stays, and that one was walked first.
    if (!enrolled || !includes(past, enrolled.namedBy)) return
    enrolled.device = { ...enrolled.device, name: operation.name }
    enrolled.namedBy = here
  }
}

function conclude(walk: Walk, received: readonly ReceivedOperation[]): ResolvedRoster {
  const heads = new Set(walk.effective.keys())
  for (const prev of walk.effective.values()) for (const id of prev) heads.delete(id)
  const unplacedOnes = received
    .filter((one) => !walk.placed.has(one.id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return {
    devices: [...walk.enrolled.values()].map(({ device }) => device),
    heads: [...heads].sort(),
    operations: [...walk.shown, ...unplacedOnes.map(unplaced)],
  }
}

function shown({ id, author, operation }: ReceivedOperation, reason: string | undefined): ShownOperation {
  const op = nameOf(operation)
  if (reason !== undefined) return { id, by: author, op, standing: 'void', reason }
  return { id, by: author, op, standing: operation.op === 'unknown' ? 'not_understood' : 'applied' }
}

function unplaced({ id, author, operation }: ReceivedOperation): ShownOperation {
  const standing = operation.op === 'unreadable' ? 'not_understood' : 'waiting'
  return { id, by: author, op: nameOf(operation), standing }
}

function nameOf(operation: RosterOperation): string {
  return operation.op === 'unknown' ? operation.called : operation.op
}

function isItsOwn({ operation, author }: ReceivedOperation): boolean {
  return operation.op === 'create' && operation.device.id === author && operation.prev.length === 0
}
