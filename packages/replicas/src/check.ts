import { type Problem, REPLICA_OBJECT_SIZES } from '@muniment/interface'
import type { ReplicaOptions } from './components.ts'
import { HEAD_PREFIX } from './constants.ts'
import type { ReplicaContext } from './context.ts'
import { coverageOf } from './coverage.ts'
import { furthestHeads } from './head.ts'
import { isOwnName, openingName } from './object-name.ts'
import { openState } from './open-state.ts'
import { isTruePack } from './pack-spans.ts'
import { prefetched } from './prefetched.ts'
import { distinct } from './pull.ts'
import { countLacking } from './push-frames.ts'
import type { ReplicaState } from './replica-state.ts'
import { fetchObject } from './transfer.ts'
import { believedHeads } from './trust.ts'
import { listing } from './listing.ts'

/** What a check found. */
export interface CheckReport {
  /** True when all that was ever written and not given up is there. */
  readonly ok: boolean
  /** Packs listed, and bytes of all objects that are there. */
  readonly packs: number
  readonly bytes: number
  /**
   * What is wrong. Codes: `missing_pack`, `damaged_pack`, `false_index` (a pack holds something else than was said of it),
   * `missing_keyring`, `damaged_keyring`, `unfinished` (entries that a writer had are not there), and those of a pull that concern heads,
   * indexes and `rolled_back`.
   */
  readonly problems: readonly Problem[]
  /** Names of packs that are not there, and of those that do not open. */
  readonly missing: readonly string[]
  readonly damaged: readonly string[]
  /** Objects under names that are not of this replica: another vault's, or a stranger's. They are passed over. */
  readonly foreign: number
  /** Objects of this replica that nothing lists: uploads under way, or cut off. */
  readonly unlisted: number
}

/** How a check is made. */
export interface CheckOptions extends ReplicaOptions {
  /** Whether every pack is read and opened, which is the default; else names and sizes are compared. */
  readonly deep?: boolean
}

/** Compares what is there with what should be. */
export async function check(context: ReplicaContext, options: CheckOptions): Promise<CheckReport> {
  const state = await openState({ ...context, knownIndexes: new Map() }, options)
  const listing = await compareListing(context, state, options)
  const { missing, damaged } = listing
  const isFalse = new Set<string>()
  if (options.deep !== false) await readPacks(context, { state, missing, damaged, isFalse, options })
  const lost = new Set([...missing, ...damaged, ...isFalse])
  const now = lost.size > 0 ? await openState(context, options) : state
  const found = {
    missing: stillLost(now, missing),
    damaged: stillLost(now, damaged),
    isFalse: stillLost(now, isFalse),
  }
  const problems = distinct([
    ...now.problems,
    ...packProblems(found),
    ...(await keyringProblems(context, now, { present: listing.present, options })),
    ...unfinished(context, now, lost),
  ])
  return {
    ok: problems.length === 0,
    packs: state.packs.size,
    bytes: listing.bytes,
    problems,
    missing: found.missing,
    damaged: [...found.damaged, ...found.isFalse],
    foreign: listing.foreign,
    unlisted: listing.unlisted,
  }
}

interface Listing {
  readonly present: ReadonlyMap<string, number>
  readonly missing: Set<string>
  readonly damaged: Set<string>
  readonly bytes: number
  readonly foreign: number
  readonly unlisted: number
}

async function compareListing(
  { storage, cryptography, keys }: ReplicaContext,
  state: ReplicaState,
  options: CheckOptions,
): Promise<Listing> {
  const listed = new Set([...state.packs.keys(), ...state.indexes.keys(), ...state.keyrings.flat()])
  const opening = openingName(cryptography, keys)
  const present = new Map<string, number>()
  let [bytes, foreign, unlisted] = [0, 0, 0]
  for await (const { name, size } of listing(storage, '', options)) {
    if (name === opening || !isOwnName(cryptography, keys, name)) {
      if (name !== opening) foreign++
      continue
    }
    bytes += size
    if (listed.has(name)) present.set(name, size)
    else if (!name.startsWith(HEAD_PREFIX)) unlisted++
  }
  const missing = new Set<string>()
  const damaged = new Set<string>()
  for (const { name, size } of state.packs.values()) {
    const there = present.get(name)
    if (there === undefined) missing.add(name)
    else if (there !== REPLICA_OBJECT_SIZES[size]) damaged.add(name)
  }
  return { present, missing, damaged, bytes, foreign, unlisted }
}

interface Reading {
  readonly state: ReplicaState
  readonly missing: Set<string>
  readonly damaged: Set<string>
  readonly isFalse: Set<string>
  readonly options: CheckOptions
}

async function readPacks(
  context: ReplicaContext,
  { state, missing, damaged, isFalse, options }: Reading,
): Promise<void> {
  const packs = [...state.packs.values()].filter(({ name }) => !missing.has(name) && !damaged.has(name))
  let done = 0
  for await (const [pack, content] of prefetched(packs, ({ name }) => fetchObject(context, name, options))) {
    if (content === 'missing') missing.add(pack.name)
    else if (content === 'damaged') damaged.add(pack.name)
    else if (content.kind !== 'frames' || !isTruePack(pack, content)) isFalse.add(pack.name)
    options.onProgress?.({ done: ++done, expected: packs.length })
  }
}

/**
 * Of packs that were lost, those that are still listed and whose entries no other pack holds: a pack that another
 * device gave up at the same time is no loss.
 */
function stillLost({ packs }: ReplicaState, lost: ReadonlySet<string>): string[] {
  const rest = coverageOf(
    [...packs.values()].filter(({ name }) => !lost.has(name)).flatMap(({ spans }) => spans),
  )
  return [...lost].filter((name) => {
    const pack = packs.get(name)
    return pack && (pack.spans.length === 0 || !pack.spans.every((span) => rest.covers(span)))
  })
}

function packProblems({
  missing,
  damaged,
  isFalse,
}: Record<'missing' | 'damaged' | 'isFalse', string[]>): Problem[] {
  return [
    ...problemOf('missing_pack', missing.length, 'packs that the replica lists are not there'),
    ...problemOf('damaged_pack', damaged.length, 'packs are damaged, or not what was written'),
    ...problemOf('false_index', isFalse.length, 'packs hold something else than the replica says of them'),
  ]
}

/** What is wrong with keyrings, of which each part has to be there; the sizes tell, or reading them. */
async function keyringProblems(
  context: ReplicaContext,
  { keyrings }: ReplicaState,
  { present, options }: { readonly present: Listing['present']; readonly options: CheckOptions },
): Promise<Problem[]> {
  let [missing, damaged] = [0, 0]
  for (const name of keyrings.flat()) {
    const size = present.get(name)
    if (size === undefined) missing++
    else if (!REPLICA_OBJECT_SIZES.includes(size)) damaged++
    else if (options.deep !== false) {
      const content = await fetchObject(context, name, options)
      if (content === 'missing') missing++
      else if (content === 'damaged' || content.kind !== 'part') damaged++
    }
  }
  return [
    ...problemOf('missing_keyring', missing, 'parts of the keyring are not there'),
    ...problemOf('damaged_keyring', damaged, 'parts of the keyring are damaged, or not what was written'),
  ]
}

function unfinished(context: ReplicaContext, state: ReplicaState, lost: ReadonlySet<string>): Problem[] {
  const { packs } = state
  const heads = furthestHeads(believedHeads(context, state))
  const rest = [...packs.values()].filter(({ name }) => !lost.has(name))
  const lacking = countLacking(coverageOf(rest.flatMap(({ spans }) => spans)), heads)
  return problemOf(
    'unfinished',
    lacking,
    'entries that were in the vault when it last wrote here are not there',
  )
}

function problemOf(code: string, count: number, message: string): Problem[] {
  return count > 0 ? [{ code, message: `${count} ${message}` }] : []
}
