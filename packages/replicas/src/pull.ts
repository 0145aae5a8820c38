import { type DeviceId, type Milliseconds, type Problem, REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { type Anchor, newestAnchors } from './anchor.ts'
import type { ReplicaOptions } from './components.ts'
import { HEAD_PREFIX } from './constants.ts'
import type { ReplicaContext } from './context.ts'
import { furthestHeads } from './head.ts'
import { isSpanHeld } from './held-here.ts'
import { isOwnName } from './object-name.ts'
import { compareMemory, compareOwnHead, isRolledBack, readPlace, rememberState } from './open-state.ts'
import type { PackEntry } from './pack-entry.ts'
import { differingDevices } from './push-frames.ts'
import { mergeKeyrings } from './push-keyring.ts'
import { receivePacks } from './receive-packs.ts'
import type { ReplicaState } from './replica-state.ts'
import { believedHeads, strangeHeads } from './trust.ts'
import { listing } from './listing.ts'

/** What a pull brought. */
export interface PullReport {
  /** Frames that were news. */
  readonly frames: number
  /** Packs read. */
  readonly packs: number
  /** Logs of which those who wrote to the replica had more than is here now: it is not all there, or not to be read. */
  readonly behind: Readonly<Record<DeviceId, { readonly held: number; readonly expected: number }>>
  /** The newest anchor that each device left here: see `unconfirmedSince`. */
  readonly anchors: readonly Anchor[]
  /** When the newest of them was written, by its writer's clock. */
  readonly at?: Milliseconds
  /**
   * What was wrong. Codes: `rolled_back`, `not_arrived`, `missing_pack`, `damaged_pack`, `missing_index`, `damaged_index`, `damaged_head`,
   * `other_vault`, `damaged_keyring`, `keyring_refused`, `old_copy`, and those of a received frame (`gap`,
   * `not_a_member`, `malformed`, `bad_signature`).
   */
  readonly problems: readonly Problem[]
}

/** Reads into log and keyring all that the replica has and they lack. Frames are checked as those of a peer are. */
export async function pull(context: ReplicaContext, options: ReplicaOptions): Promise<PullReport> {
  const { log } = context.components
  const state = await readPlace(context, options)
  const hasStrangers = strangeHeads(context, state).length > 0
  if (!hasStrangers) await compare(context, state)
  await mergeKeyrings(context, state, options)
  const packs = await wantedPacks(context, state, options)
  const received = await receivePacks(context, { packs, options })
  // Who wrote there may have become known by the roster that was in the packs.
  const known = hasStrangers ? await readPlace(context, options) : state
  if (hasStrangers) await compare(context, known)
  const refused = await mergeKeyrings(context, known, options)
  const problems = [...state.problems, ...known.problems, ...received.problems]
  if (refused > 0) {
    problems.push({ code: 'keyring_refused', message: 'a keyring of the replica could not be taken in' })
  }
  if (!isRolledBack(known)) await rememberState(context, known)
  const heads = believedHeads(context, known)
  const anchors = [...newestAnchors(...heads.map((head) => head.anchors.values())).values()]
  return {
    frames: received.frames,
    packs: received.packs,
    behind: behindOf(log.heads(), furthestHeads(heads)),
    anchors,
    ...(anchors.length > 0 ? { at: Math.max(...anchors.map(({ at }) => at)) } : {}),
    problems: distinct(problems),
  }
}

async function compare(context: ReplicaContext, state: ReplicaState): Promise<void> {
  await compareMemory(context, state)
  await compareOwnHead(context, state)
}

/** The packs with anything in them that the log does not hold, be it that the disk has lost it. */
async function wantedPacks(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<PackEntry[]> {
  const { log } = context.components
  const held = { heads: log.heads(), holes: log.holes() }
  const differing = await differingDevices(context, state)
  const isWanted = ({ name, spans }: PackEntry): boolean => {
    if (spans.length === 0) return !context.settled.has(name)
    return spans.some((span) => !isSpanHeld(held, span) || differing.has(span.device))
  }
  const listed = [...state.packs.values()].filter(isWanted)
  const isComplete = state.current.length > 0 && state.problems.length === 0
  return isComplete ? listed : [...listed, ...(await unlistedPacks(context, state, options))]
}

/** Objects of this replica that nothing lists: after damage to a head or an index, packs are among them. */
export async function unlistedPacks(
  { storage, cryptography, keys }: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<PackEntry[]> {
  const listed = new Set([...state.packs.keys(), ...state.indexes.keys(), ...state.keyrings.flat()])
  const found = new Map<string, PackEntry>()
  for await (const { name, size: length } of listing(storage, '', options)) {
    if (name.startsWith(HEAD_PREFIX) || listed.has(name) || state.dropped.has(name)) continue
    const size = REPLICA_OBJECT_SIZES.indexOf(length)
    if (size !== -1 && isOwnName(cryptography, keys, name)) found.set(name, { name, size, spans: [] })
  }
  return [...found.values()]
}

function behindOf(
  held: Readonly<Record<DeviceId, { readonly seq: number }>>,
  expected: Readonly<Record<DeviceId, { readonly seq: number }>>,
): Record<DeviceId, { held: number; expected: number }> {
  const behind: Record<DeviceId, { held: number; expected: number }> = {}
  for (const [device, { seq }] of Object.entries(expected)) {
    const own = held[device]?.seq ?? 0
    if (own < seq) behind[device] = { held: own, expected: seq }
  }
  return behind
}

/** Each problem once: reading twice meets it twice. */
export function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()]
}
