import { base64url } from '@muniment/crypto'
import type { DeviceId, Signer, VersionVector } from '@muniment/interface'
import { buildFrames, checkDrafts, type UnsignedFrame, type Writable } from './build-frames.ts'
import { MAX_CLOCK_CHANGES, MAX_GROUP_LENGTH, SESSION_LENGTH } from './constants.ts'
import { seenOf } from './delivery.ts'
import type { EntryAddress, EntryDraft } from './entry.ts'
import { encodeFrame } from './frame.ts'
import { advanceClocks } from './header.ts'
import type { LogComponents, LogInit } from './log.ts'
import { EMPTY_HEAD, type LogState, newBatch, putFrame, settle } from './log-state.ts'
import type { News } from './news.ts'
import type { OwnHead } from './own-head.ts'
import { type Head, headChange } from './rows.ts'
import type { Turns } from './turns.ts'

/** What writing shares with the rest of the log. */
export interface WriteContext {
  readonly components: LogComponents & { readonly signer: Signer }
  readonly init: LogInit
  readonly device: DeviceId
  readonly state: LogState
  readonly own: OwnHead
  readonly turn: Turns
  readonly news: News
}

interface Waiting {
  readonly drafts: readonly EntryDraft[]
  readonly resolve: (addresses: readonly EntryAddress[]) => void
  readonly reject: (error: unknown) => void
}

/** The function that appends: calls that wait while a commit is under way share the next one. */
export function entryWriter(
  context: WriteContext,
): (drafts: readonly EntryDraft[]) => Promise<readonly EntryAddress[]> {
  const waiting: Waiting[] = []
  let isSessionOpen = false
  const flush = async (): Promise<void> => {
    const group = takeGroup(waiting)
    if (group.length === 0) return
    try {
      context.own.assertWritable()
      const session: Writable[] = isSessionOpen
        ? []
        : [{ kind: 'session', body: context.components.random(SESSION_LENGTH) }]
      const writables = [...session, ...group.flatMap(({ drafts }) => drafts)]
      const addresses = await writeGroup(context, writables)
      isSessionOpen = true
      answer(group, addresses.slice(session.length))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  return async (drafts) => {
    context.own.assertWritable()
    checkDrafts(context.components.dataKeys, drafts)
    if (drafts.length === 0) return []
    return new Promise((resolve, reject) => {
      waiting.push({ drafts, resolve, reject })
      void context.turn(flush)
    })
  }
}

/** The next group: whole calls, in order, until their bodies are as many bytes as one commit should have. */
function takeGroup(waiting: Waiting[]): Waiting[] {
  let length = 0
  let count = 0
  for (const { drafts } of waiting) {
    for (const { body } of drafts) length += body.length
    if (count > 0 && length > MAX_GROUP_LENGTH) break
    count++
  }
  return waiting.splice(0, count)
}

async function writeGroup(
  context: WriteContext,
  writables: readonly Writable[],
): Promise<readonly EntryAddress[]> {
  const { components, init, device, state, news } = context
  const head = state.heads.get(device) ?? EMPTY_HEAD
  const changes = clockChanges(seenOf(state, components.members), head.clocks, device)
  const place = { vault: init.vault, device, seq: head.seq, previous: head.hash, epoch: init.epoch() }
  const frames = buildFrames(components, { ...place, clockChanges: Object.fromEntries(changes) }, writables)
  const signatures = await Promise.all(frames.map(({ signed }) => components.signer.sign(signed)))
  const batch = newBatch()
  let next = head
  for (const [index, frame] of frames.entries()) {
    const written = changes.slice(0, MAX_CLOCK_CHANGES * (frame.last - head.seq))
    const after = advanceClocks(head.clocks, Object.fromEntries(written))
    const bundle = encodeFrame(frame, signatures[index] ?? new Uint8Array(0))
    const { first, last, previous } = frame
    putFrame(batch, device, { first, bundle, last, previous, before: next.clocks, after })
    next = { ...head, seq: frame.last, hash: frame.hash, clocks: after } satisfies Head
  }
  batch.heads.set(device, next)
  batch.changes.push(headChange(device, next))
  await settle(components.store, state, batch)
  const hasRoster = writables.some(({ kind }) => kind === 'roster')
  await news.announce({ device, first: head.seq + 1, last: next.seq, origin: 'here', hasRoster })
  return frames.flatMap((frame) => addressesOf(device, frame))
}

/** What was seen of other devices since the own entry before. */
function clockChanges(
  seen: VersionVector,
  before: VersionVector,
  self: DeviceId,
): readonly [DeviceId, number][] {
  return Object.entries(seen).filter(([device, seq]) => device !== self && seq > (before[device] ?? 0))
}

function addressesOf(device: DeviceId, frame: UnsignedFrame): EntryAddress[] {
  return frame.entryHashes.map((hash, index) => ({ device, seq: frame.first + index, hash: base64url(hash) }))
}

function answer(group: readonly Waiting[], addresses: readonly EntryAddress[]): void {
  let at = 0
  for (const { drafts, resolve } of group) {
    resolve(addresses.slice(at, at + drafts.length))
    at += drafts.length
  }
}
