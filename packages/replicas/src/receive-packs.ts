import type { DeviceId, Problem } from '@muniment/interface'
import type { ReceiveOutcome } from '@muniment/log'
import type { ReplicaOptions } from './components.ts'
import type { ReplicaContext } from './context.ts'
import { isSpanHeld } from './held-here.ts'
import type { PackEntry } from './pack-entry.ts'
import { prefetched } from './prefetched.ts'
import { type Fetched, fetchObject } from './transfer.ts'

/** What came of reading packs into the log. */
export interface ReceivedPacks {
  /** Frames that were news. */
  readonly frames: number
  readonly packs: number
  readonly problems: readonly Problem[]
}

/** Packs to read, in the order in which they were written as far as that is known. */
export interface ReceivePacksInit {
  readonly packs: readonly PackEntry[]
  readonly options: ReplicaOptions
}

interface Tally {
  frames: number
  packs: number
  readonly missing: Set<PackEntry>
  readonly damaged: Set<PackEntry>
  /** Why frames of packs that still wait were not taken. */
  readonly reasons: Map<string, Problem>
}

/**
 * Reads packs into the log, which checks every frame. A pack whose frames need others first waits for them; what waits
 * at the end is reported. Few packs are in memory at a time.
 */
export async function receivePacks(
  context: ReplicaContext,
  { packs, options }: ReceivePacksInit,
): Promise<ReceivedPacks> {
  const tally: Tally = { frames: 0, packs: 0, missing: new Set(), damaged: new Set(), reasons: new Map() }
  let waiting: readonly PackEntry[] = packs
  let isLast: boolean = false
  while (waiting.length > 0) {
    const sorted: SortedPacks = isLast ? { ready: waiting, held: [] } : readyPacks(context, waiting)
    const { ready } = sorted
    const before = tally.frames
    const left: PackEntry[] = await receiveRound(context, {
      packs: ready,
      options,
      tally,
      expected: packs.length,
    })
    // A pack may wait for another one that waits for some of its own frames: as long as there is news, it goes on.
    const isStuck: boolean = left.length === ready.length && tally.frames === before
    waiting = [...sorted.held, ...left]
    if (isStuck && isLast) break
    // Once nothing moves, all that is left is tried: a fork has frames that follow nothing held here.
    isLast = isStuck
  }
  return { frames: tally.frames, packs: tally.packs, problems: problemsOf(context, tally) }
}

interface SortedPacks {
  readonly ready: readonly PackEntry[]
  readonly held: readonly PackEntry[]
}

/** Packs whose frames follow what is held or what comes before them here. */
function readyPacks({ components }: ReplicaContext, packs: readonly PackEntry[]): SortedPacks {
  const reach = new Map<DeviceId, number>()
  for (const [device, { seq }] of Object.entries(components.log.heads())) reach.set(device, seq)
  const ready: PackEntry[] = []
  const held: PackEntry[] = []
  for (const pack of packs) {
    const follows = pack.spans.every(({ device, first }) => first <= (reach.get(device) ?? 0) + 1)
    ;(follows ? ready : held).push(pack)
    if (!follows) continue
    for (const { device, last } of pack.spans) reach.set(device, Math.max(last, reach.get(device) ?? 0))
  }
  return { ready, held }
}

interface Round extends ReceivePacksInit {
  readonly tally: Tally
  readonly expected: number
}

async function receiveRound(
  context: ReplicaContext,
  { packs, options, tally, expected }: Round,
): Promise<PackEntry[]> {
  const left: PackEntry[] = []
  const load = (pack: PackEntry): Promise<Fetched> => fetchObject(context, pack.name, options)
  for await (const [pack, content] of prefetched(packs, load)) {
    const isTaken = await receivePack(context, { pack, content, tally })
    if (!isTaken) left.push(pack)
    else options.onProgress?.({ done: ++tally.packs, expected })
  }
  return left
}

interface LoadedPack {
  readonly pack: PackEntry
  readonly content: Fetched
  readonly tally: Tally
}

/** Gives whether the pack is done with. */
async function receivePack(context: ReplicaContext, { pack, content, tally }: LoadedPack): Promise<boolean> {
  const { name, spans } = pack
  tally.reasons.delete(name)
  if (content === 'missing' || content === 'damaged') {
    tally[content].add(pack)
    return true
  }
  if (content.kind !== 'frames' || content.vault !== context.components.log.vault) return true
  const outcomes = await context.components.log.receiveAll(content.frames)
  const news = outcomes.filter((outcome) => outcome.ok && outcome.isNew).length
  tally.frames += news
  const reason = reasonToWait(outcomes)
  if (!reason) {
    if (spans.length === 0) context.settled.add(name)
    return true
  }
  tally.reasons.set(name, reason)
  return false
}

function reasonToWait(outcomes: readonly ReceiveOutcome[]): Problem | undefined {
  const problems = outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.problems))
  return problems.find(({ code }) => code !== 'fork')
}

function problemsOf({ components }: ReplicaContext, { missing, damaged, reasons }: Tally): Problem[] {
  const held = { heads: components.log.heads(), holes: components.log.holes() }
  // What another pack held as well was no loss.
  const isLoss = ({ spans }: PackEntry): boolean =>
    spans.length === 0 || spans.some((span) => !isSpanHeld(held, span))
  const [gone, spoilt] = [[...missing].filter(isLoss).length, [...damaged].filter(isLoss).length]
  const problems: Problem[] = []
  if (gone > 0) {
    problems.push({ code: 'missing_pack', message: `${gone} packs that the replica lists are not there` })
  }
  if (spoilt > 0) {
    problems.push({
      code: 'damaged_pack',
      message: `${spoilt} packs are damaged, or not what was written`,
    })
  }
  const codes = new Set([...reasons.values()].map(({ code }) => code))
  for (const code of codes) {
    const first = [...reasons.values()].find((reason) => reason.code === code)
    if (first) problems.push(first)
  }
  return problems
}
