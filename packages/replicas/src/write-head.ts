import type { ReplicaCallOptions } from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import { type Anchor, hashOfHeads, newestAnchors, signAnchor } from './anchor.ts'
import { MAX_DROPPED } from './constants.ts'
import { encodeContent } from './content.ts'
import type { ReplicaContext } from './context.ts'
import { carriedHeads, furthestHeads, type ReadHead, signHead } from './head.ts'
import { addSeenHeads, addToMemory, furthest } from './memory.ts'
import { objectName } from './object-name.ts'
import type { PackEntry } from './pack-entry.ts'
import type { ReplicaState } from './replica-state.ts'
import { putChecked, removeObjects } from './transfer.ts'
import { trustedHeads } from './trust.ts'
import { writeIndexes } from './write-indexes.ts'

/**
 * Writes a head that says all that the current ones say and what has changed, with a fresh anchor in it. What the head
 * *before* gave up is removed first: that head has just been read and is kept, so nobody needs it any more. The heads
 * that this one replaces stay until the next, for a copy of this one that arrives broken somewhere. Gives how many
 * objects were removed.
 */
export async function writeHead(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaCallOptions,
): Promise<{ readonly removed: number; readonly anchor: Anchor }> {
  const removed = await removeDoomed(context, state, options)
  const entries = await writeIndexes(context, state, options)
  const anchor = await makeAnchor(context, state)
  const anchors = newestAnchors(state.anchors.values(), [anchor])
  const head = await putHead(context, state, { entries, anchors, options })
  state.overdue = [...state.overdue, ...state.current.map(({ name }) => name)]
  state.current = [head]
  state.anchors.set(anchor.device, anchor)
  state.givenUp.clear()
  state.isChanged = false
  await addToMemory(context.components, placeOf(context), anchors.values())
  await addSeenHeads(context.components.store, context.keys.id, knownHeads(context, state))
  return { removed, anchor }
}

/** Removes heads that say nothing more, and what the current heads gave up. */
export async function removeDoomed(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaCallOptions & { readonly isRequired?: boolean },
): Promise<number> {
  const trusted = trustedHeads(context, state)
  const kept = new Set([...state.packs.keys(), ...state.indexes.keys(), ...state.keyrings.flat()])
  const doomed = trusted.flatMap(({ content }) => content.doomed).filter((name) => !kept.has(name))
  const removed = await removeObjects(context, new Set([...state.overdue, ...doomed]), options)
  state.overdue = []
  return removed
}

/** Which replica of which vault. */
export function placeOf({ components, keys }: ReplicaContext): {
  readonly vault: string
  readonly replica: string
} {
  return { vault: components.log.vault, replica: keys.id }
}

/** What this device's log held and what heads have said, whichever is further. */
function knownHeads(context: ReplicaContext, state: ReplicaState): Record<string, LogHead> {
  const heads = furthest(furthestHeads(trustedHeads(context, state)), state.lost)
  for (const [device, { seq, hash }] of Object.entries(state.claims)) {
    if (seq >= (heads[device]?.seq ?? 0)) heads[device] = { seq, hash }
  }
  return heads
}

async function makeAnchor(context: ReplicaContext, state: ReplicaState): Promise<Anchor> {
  const { cryptography, components, device } = context
  const { log, roster, clock, signer } = components
  return signAnchor(log.vault, signer, {
    counter: await context.nextCounter(state.anchors.get(device)?.counter ?? 0),
    epoch: roster.epoch(),
    vector: hashOfHeads(cryptography, knownHeads(context, state)),
    at: clock.now(),
  })
}

async function putHead(
  context: ReplicaContext,
  state: ReplicaState,
  { entries, anchors, options }: HeadParts,
): Promise<ReadHead> {
  const { cryptography, keys, components, device } = context
  const signed = await signHead(keys.id, components.signer, {
    kind: 'head',
    vault: components.log.vault,
    author: device,
    heads: carriedHeads(knownHeads(context, state)),
    anchors: [...anchors.values()].map(({ bytes }) => bytes),
    entries,
    indexes: [...state.indexes.keys(), ...state.unreadIndexes],
    keyrings: state.keyrings,
    dropped: [...state.dropped].slice(-MAX_DROPPED),
    doomed: [...state.givenUp],
  })
  const content = encodeContent(signed)
  const name = objectName(cryptography, keys, { content, isHead: true })
  await putChecked(context, { name, content }, options)
  return { name, content: signed, anchors }
}

interface HeadParts {
  readonly entries: readonly PackEntry[]
  readonly anchors: ReadonlyMap<string, Anchor>
  readonly options: ReplicaCallOptions
}
