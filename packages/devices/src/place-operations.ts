import type { DeviceId, VaultId } from '@muniment/interface'
import { MAX_OPERATIONS_OF_ONE } from './constants.ts'
import { judgeSoundness } from './judge-soundness.ts'
import { addedBy, knew, type Past, type Placed, type ReceivedOperation } from './placed.ts'
import { newPlacement, type Placement } from './placement.ts'
import { walkQueue } from './walk-queue.ts'

/** Operations of the kit come before those of the guardians, and those before the ones of all devices. */
const RECOVERY_RANKS = { kit: -2, guardians: -1 } as const

/** The place of whoever is not enrolled: after everybody. */
const NOBODY = 1_000_000

/**
 * Puts operations into the one order that follows from their set: an operation comes after those that it names and after
 * its author's earlier ones; of those that can come next, the one of the highest authority does, then the earlier in its
 * log, then the smaller name. Of one log, {@link MAX_OPERATIONS_OF_ONE} get a place.
 *
 * @param received - each operation once
 */
export function placeOperations(vault: VaultId, received: readonly ReceivedOperation[]): Placement {
  const placement = newPlacement()
  const logs = logsOf(received)
  const within = [...logs.values()].flatMap(({ operations }) => operations.slice(0, MAX_OPERATIONS_OF_ONE))
  const genesis = within.find((one) => one.asGenesis === vault && isItsOwn(one))
  if (!genesis) return placement
  const ranks = new Map<DeviceId, number>()
  const queue = walkQueue(within, genesis, (one) => rankOf(ranks, one))
  const byId = new Map<string, Placed>()
  for (let one = queue.next(); one; one = queue.next()) {
    const log = logs.get(one.author)
    if (!log) break
    const prev = one.operation.prev.map((id) => byId.get(id)).filter((each) => each !== undefined)
    const past = pastOf(logs.size, log.latest ? [log.latest, ...prev] : prev)
    const before = { one, prev, past, adds: log.adds.get(one.id) ?? 0 }
    const unsound = one === genesis ? undefined : judgeSoundness(placement, before)
    if (unsound === undefined) {
      for (const id of addedBy(one)) if (!ranks.has(id)) ranks.set(id, ranks.size)
    }
    const number = (log.latest?.number ?? 0) + 1
    const each: Placed = { ...before, log: log.log, number, rank: rankOf(ranks, one), unsound }
    placement.put(each)
    byId.set(one.id, each)
    log.latest = each
    queue.done(one)
  }
  return placement
}

function rankOf(ranks: ReadonlyMap<DeviceId, number>, { author, operation }: ReceivedOperation): number {
  return operation.op === 'signed' ? RECOVERY_RANKS[operation.kind] : (ranks.get(author) ?? NOBODY)
}

function pastOf(logs: number, known: readonly Placed[]): Past {
  const past = new Int32Array(logs)
  for (const each of known) {
    if (knew(past, each)) continue
    for (const [log, count] of each.past.entries()) if (count > (past[log] ?? 0)) past[log] = count
    past[each.log] = each.number
  }
  return past
}

interface OneLog {
  readonly log: number
  /** In the order of the log. */
  readonly operations: ReceivedOperation[]
  /** For each operation that adds a device, how many came before it. Void ones count: no id comes twice. */
  readonly adds: Map<string, number>
  /** The one placed last. */
  latest: Placed | undefined
}

function logsOf(received: readonly ReceivedOperation[]): Map<DeviceId, OneLog> {
  const logs = new Map<DeviceId, OneLog>()
  for (const one of received.toSorted((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1))) {
    const log = logs.get(one.author) ?? newLog(logs.size)
    logs.set(one.author, log)
    log.operations.push(one)
    if (one.operation.op === 'add') log.adds.set(one.id, log.adds.size)
  }
  return logs
}

function newLog(log: number): OneLog {
  return { log, operations: [], adds: new Map(), latest: undefined }
}

function isItsOwn({ operation, author }: ReceivedOperation): boolean {
  return operation.op === 'create' && operation.device.id === author && operation.prev.length === 0
}
