import type { ReplicaCallOptions } from '@muniment/interface'
import { MAX_INDEX_LENGTH, MAX_INLINE_LENGTH } from './constants.ts'
import { encodeContent, type IndexContent } from './content.ts'
import type { ReplicaContext } from './context.ts'
import { objectName } from './object-name.ts'
import { entryLength, type PackEntry } from './pack-entry.ts'
import { giveUp } from './give-up.ts'
import type { ReplicaState } from './replica-state.ts'
import { putChecked } from './transfer.ts'

const SALT_LENGTH = 16

/**
 * Moves entries out of the head into index objects, where they are too many, and takes packs that were given up out of
 * the indexes that list them. An index is joined with those that are no longer than what is to be written, so that
 * a pack's entry is written again only as often as the number of packs doubles. Gives what stays in the head.
 */
export async function writeIndexes(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaCallOptions,
): Promise<readonly PackEntry[]> {
  const outdated = [...state.indexes].filter(([, entries]) =>
    entries.some(({ name }) => !state.packs.has(name)),
  )
  for (const [name] of outdated) giveUpIndex(state, name)
  const loose = looseEntries(state)
  if (lengthOf(loose) <= MAX_INLINE_LENGTH) return loose
  const joined = new Map(loose.map((entry) => [entry.name, entry]))
  const bySize = [...state.indexes].toSorted(([, left], [, right]) => left.length - right.length)
  for (const [name, entries] of bySize) {
    const isFull = lengthOf(joined.values()) + lengthOf(entries) > MAX_INDEX_LENGTH
    if (entries.length > joined.size || isFull) break
    for (const entry of entries) joined.set(entry.name, entry)
    giveUpIndex(state, name)
  }
  for (const entries of cut(joined.values())) await writeIndex(context, state, { entries, options })
  return []
}

function giveUpIndex(state: ReplicaState, name: string): void {
  state.indexes.delete(name)
  giveUp(state, name)
}

/** The packs that no index lists. */
function looseEntries({ packs, indexes }: ReplicaState): PackEntry[] {
  const listed = new Set<string>()
  for (const entries of indexes.values()) for (const { name } of entries) listed.add(name)
  return [...packs.values()].filter(({ name }) => !listed.has(name))
}

function lengthOf(entries: Iterable<PackEntry>): number {
  let length = 0
  for (const entry of entries) length += entryLength(entry)
  return length
}

/** Runs of entries that fit in an index object. */
function* cut(entries: Iterable<PackEntry>): Generator<PackEntry[]> {
  let run: PackEntry[] = []
  let length = 0
  for (const entry of entries) {
    if (run.length > 0 && length + entryLength(entry) > MAX_INDEX_LENGTH) {
      yield run
      run = []
      length = 0
    }
    run.push(entry)
    length += entryLength(entry)
  }
  if (run.length > 0) yield run
}

async function writeIndex(
  context: ReplicaContext,
  state: ReplicaState,
  { entries, options }: { readonly entries: readonly PackEntry[]; readonly options: ReplicaCallOptions },
): Promise<void> {
  const { components, cryptography, keys } = context
  const salt = components.random(SALT_LENGTH)
  const index: IndexContent = { kind: 'index', vault: components.log.vault, salt, entries }
  const content = encodeContent(index)
  const name = objectName(cryptography, keys, { content, isHead: false })
  await putChecked(context, { name, content }, options)
  context.knownIndexes.set(name, entries)
  state.indexes.set(name, entries)
}
