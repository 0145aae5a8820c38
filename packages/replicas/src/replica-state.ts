import type { Problem, ReplicaCallOptions } from '@muniment/interface'
import type { Holes, LogHead } from '@muniment/log'
import { type Anchor, newestAnchors } from './anchor.ts'
import { HEAD_PREFIX, MAX_HEADS } from './constants.ts'
import type { ReadContext } from './context.ts'
import { checkHead, furthestHeads, isOverdue, type ReadHead } from './head.ts'
import { isOwnName, openingName } from './object-name.ts'
import type { PackEntry } from './pack-entry.ts'
import { fetchObject } from './transfer.ts'
import { isMunimentError } from '@muniment/interface'
import { listing } from './listing.ts'

/** What a replica holds, as its heads tell; an operation that writes changes it as it goes on. */
export interface ReplicaState {
  /** Heads of which none knows all that another knows. */
  current: readonly ReadHead[]
  /** Names of heads that say nothing that a current one does not say. */
  overdue: string[]
  readonly anchors: Map<string, Anchor>
  /** How far the logs of those who wrote here were. */
  readonly heads: Readonly<Record<string, LogHead>>
  /** How far the logs were that this device has seen there, where they are no longer there. */
  lost: Readonly<Record<string, LogHead>>
  /** How far this device's log was when the operation began: what the next head says of it. */
  claims: Readonly<Record<string, LogHead>>
  /** What this device's disk has lost of the logs. */
  holes: Holes
  readonly packs: Map<string, PackEntry>
  readonly indexes: Map<string, readonly PackEntry[]>
  /** Indexes that could not be read: they stay listed, for they may arrive yet. */
  readonly unreadIndexes: Set<string>
  /** Heads that could not be read. */
  readonly unreadHeads: readonly string[]
  /** Keyrings: the names of their parts. */
  keyrings: readonly (readonly string[])[]
  /** Objects given up, oldest first. */
  readonly dropped: Set<string>
  /** Objects given up since the last head was written, which the next one dooms. */
  readonly givenUp: Set<string>
  readonly problems: Problem[]
  isChanged: boolean
}

/** Reading a replica: whose word counts when packs are given up, and the indexes read before. */
export interface StateContext extends ReadContext {
  readonly knownIndexes: Map<string, readonly PackEntry[]>
  readonly isMember: (device: string) => boolean
  /** Whose vault, when that is known. */
  readonly vault?: string
}

/** Reads the heads of a replica and all that they list but the packs. */
export async function readState(context: StateContext, options: ReplicaCallOptions): Promise<ReplicaState> {
  const problems: Problem[] = []
  const { current, overdue, unread } = await readHeads(context, problems, options)
  // Only a member's word makes others pass over a pack; what a removed device listed is still worth looking at.
  const trusted = current.filter(({ content }) => context.isMember(content.author))
  const dropped = new Set(trusted.flatMap(({ content }) => content.dropped))
  const state: ReplicaState = {
    current,
    overdue,
    anchors: newestAnchors(...current.map((head) => believedAnchors(context, head))),
    heads: furthestHeads(current),
    lost: {},
    claims: {},
    holes: new Map(),
    packs: new Map(),
    indexes: new Map(),
    unreadIndexes: new Set(),
    unreadHeads: unread,
    keyrings: distinctKeyrings(current, dropped),
    dropped,
    givenUp: new Set(),
    problems,
    isChanged: current.length > 1,
  }
  // Members last: what they say of a pack stands.
  await listPacks(context, state, { heads: current.filter((head) => !trusted.includes(head)), options })
  await listPacks(context, state, { heads: trusted, isTrusted: true, options })
  return state
}

/** All that a member's head says; of a stranger only its own, so that a device that has just joined finds it again. */
function believedAnchors({ isMember }: StateContext, { content, anchors }: ReadHead): readonly Anchor[] {
  const all = [...anchors.values()]
  return isMember(content.author) ? all : all.filter(({ device }) => device === content.author)
}

function listPack({ packs, dropped }: ReplicaState, entry: PackEntry): void {
  if (!dropped.has(entry.name)) packs.set(entry.name, entry)
}

function distinctKeyrings(heads: readonly ReadHead[], dropped: ReadonlySet<string>): string[][] {
  const keyrings = new Map<string, string[]>()
  for (const parts of heads.flatMap(({ content }) => content.keyrings)) {
    if (!parts.some((name) => dropped.has(name))) keyrings.set(parts.join(), [...parts])
  }
  return [...keyrings.values()]
}

interface HeadsToList {
  readonly heads: readonly ReadHead[]
  readonly isTrusted?: boolean
  readonly options: ReplicaCallOptions
}

async function listPacks(
  context: StateContext,
  state: ReplicaState,
  { heads, isTrusted = false, options }: HeadsToList,
): Promise<void> {
  for (const name of new Set(heads.flatMap(({ content }) => content.indexes))) {
    if (!state.dropped.has(name)) await readIndex(context, state, { name, isTrusted, options })
  }
  for (const entry of heads.flatMap(({ content }) => content.entries)) listPack(state, entry)
}

interface IndexToRead {
  readonly name: string
  /** Whether a member's head names it: else it is not said again. */
  readonly isTrusted: boolean
  readonly options: ReplicaCallOptions
}

async function readIndex(
  context: StateContext,
  state: ReplicaState,
  { name, isTrusted, options }: IndexToRead,
): Promise<void> {
  let entries = context.knownIndexes.get(name)
  if (!entries) {
    const content = await fetchObject(context, name, options)
    if (content === 'missing' || content === 'damaged' || content.kind !== 'index') {
      state.problems.push({
        code: content === 'missing' ? 'missing_index' : 'damaged_index',
        message: 'a list of packs cannot be read: which packs there are is known only in part',
      })
      if (isTrusted) state.unreadIndexes.add(name)
      return
    }
    entries = content.entries
    context.knownIndexes.set(name, entries)
  }
  state.indexes.set(name, entries)
  for (const entry of entries) listPack(state, entry)
}

interface FoundHeads {
  current: ReadHead[]
  readonly overdue: string[]
  readonly unread: string[]
}

async function readHeads(
  context: StateContext,
  problems: Problem[],
  options: ReplicaCallOptions,
): Promise<FoundHeads> {
  const found: FoundHeads = { current: [], overdue: [], unread: [] }
  for (const name of await headNames(context, options)) {
    const head = await readHead(context, name, options)
    // A head that is gone was removed by another device since it was listed.
    if (head === 'missing') continue
    if (typeof head === 'string') {
      problems.push({ code: head, message: HEAD_PROBLEMS[head] })
      found.unread.push(name)
      continue
    }
    const supersedes = (other: ReadHead, one: ReadHead): boolean =>
      isOverdue(one, other) &&
      (context.isMember(other.content.author) || !context.isMember(one.content.author))
    if (found.current.some((other) => supersedes(other, head))) {
      found.overdue.push(name)
      continue
    }
    found.overdue.push(...found.current.filter((other) => supersedes(head, other)).map((other) => other.name))
    found.current = [...found.current.filter((other) => !supersedes(head, other)), head]
  }
  return found
}

const HEAD_PROBLEMS = {
  damaged_head: 'a head of the replica is damaged or has not arrived whole',
  other_vault: 'a head of the replica is of another vault',
} as const

async function headNames(
  { storage, cryptography, keys }: StateContext,
  options: ReplicaCallOptions,
): Promise<string[]> {
  const names: string[] = []
  const opening = openingName(cryptography, keys)
  for await (const { name } of listing(storage, HEAD_PREFIX, options)) {
    if (name === opening || !isOwnName(cryptography, keys, name)) continue
    names.push(name)
    if (names.length === MAX_HEADS) break
  }
  return [...new Set(names)]
}

async function readHead(
  context: StateContext,
  name: string,
  options: ReplicaCallOptions,
): Promise<ReadHead | 'missing' | keyof typeof HEAD_PROBLEMS> {
  const content = await fetchObject(context, name, options)
  if (content === 'missing') return content
  if (content === 'damaged' || content.kind !== 'head') return 'damaged_head'
  if (context.vault !== undefined && content.vault !== context.vault) return 'other_vault'
  try {
    return checkHead(context.cryptography, context.keys.id, { name, content })
  } catch (error) {
    if (isMunimentError(error)) return 'damaged_head'
    throw error
  }
}
