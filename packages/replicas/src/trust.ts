import type { ReplicaOptions } from './components.ts'
import type { ReplicaContext } from './context.ts'
import type { ReadHead } from './head.ts'
import { isTruePack } from './pack-spans.ts'
import { prefetched } from './prefetched.ts'
import type { ReplicaState } from './replica-state.ts'
import { fetchObject } from './transfer.ts'

/**
 * The heads whose word counts. A device that was removed knows the replica's secret and can write heads; what it says of
 * packs is looked at, and the rest is not believed.
 */
export function trustedHeads({ components }: ReplicaContext, { current }: ReplicaState): readonly ReadHead[] {
  return current.filter(({ content }) => components.roster.isMember(content.author))
}

/** The heads of those who are not known here: removed devices, or devices that joined since this one was away. */
export function strangeHeads({ components }: ReplicaContext, { current }: ReplicaState): readonly ReadHead[] {
  return current.filter(({ content }) => !components.roster.isMember(content.author))
}

/** The trusted heads, or all where none is, as on a bare device that has no roster yet. */
export function believedHeads(context: ReplicaContext, state: ReplicaState): readonly ReadHead[] {
  const trusted = trustedHeads(context, state)
  return trusted.length > 0 ? trusted : state.current
}

/** Takes packs that only strangers list out of the list, unless they are there and hold what is said of them. */
export async function leaveOutFalsePacks(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<void> {
  const listed = new Set<string>()
  for (const { content } of trustedHeads(context, state)) {
    for (const { name } of content.entries) listed.add(name)
    for (const index of content.indexes)
      for (const { name } of state.indexes.get(index) ?? []) listed.add(name)
  }
  const doubtful = [...state.packs.values()].filter(({ name }) => !listed.has(name))
  for await (const [pack, content] of prefetched(doubtful, ({ name }) =>
    fetchObject(context, name, options),
  )) {
    if (typeof content !== 'string' && content.kind === 'frames' && isTruePack(pack, content)) continue
    state.packs.delete(pack.name)
    state.isChanged = true
  }
  const trusted = new Set(trustedHeads(context, state).flatMap(({ content }) => content.keyrings.map(String)))
  await leaveOutBrokenKeyrings(context, state, {
    isDoubtful: (names) => !trusted.has(String(names)),
    options,
  })
}

/** Which keyrings are read. */
export interface KeyringsToRead {
  readonly isDoubtful: (names: readonly string[]) => boolean
  readonly options: ReplicaOptions
}

/** Takes keyrings that cannot be read whole out of the list. */
export async function leaveOutBrokenKeyrings(
  context: ReplicaContext,
  state: ReplicaState,
  { isDoubtful, options }: KeyringsToRead,
): Promise<void> {
  const whole: (readonly string[])[] = []
  for (const names of state.keyrings) {
    const parts = isDoubtful(names)
      ? await Promise.all(names.map((name) => fetchObject(context, name, options)))
      : []
    const isWhole = parts.every((part) => typeof part !== 'string' && part.kind === 'part')
    if (isWhole) whole.push(names)
    else state.isChanged = true
  }
  state.keyrings = whole
}
