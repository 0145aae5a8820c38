import type { DeviceId } from '@muniment/interface'
import type { LogFrame, LogHead } from '@muniment/log'
import { type Coverage, coverageOf, type Span } from './coverage.ts'
import type { ReplicaContext } from './context.ts'
import { receivePacks } from './receive-packs.ts'
import type { ReplicaState } from './replica-state.ts'
import { type WriteContext, writePacks } from './write-packs.ts'

/** Writes what the log has and the replica lacks: gaps first, then what is newer than all that lies there. */
export async function pushFrames(write: WriteContext): Promise<void> {
  const { context, state, options } = write
  const held = coverageOfPacks(state)
  const { claims } = state
  const expected = countLacking(held, claims)
  let done = 0
  await writePacks(write, lackingFrames(context, held, claims), {
    onFrames(frames) {
      for (const { first, last } of frames) done += last - first + 1
      options.onProgress?.({ done: Math.min(done, expected), expected })
    },
  })
}

/** What the packs listed hold. */
export function coverageOfPacks({ packs }: ReplicaState): Coverage {
  return coverageOf(spansOf(packs.values()))
}

function* spansOf(entries: Iterable<{ readonly spans: readonly Span[] }>): Generator<Span> {
  for (const { spans } of entries) yield* spans
}

/** Entries that the log's heads count and the coverage lacks. */
export function countLacking(
  held: Coverage,
  heads: Readonly<Record<DeviceId, { readonly seq: number }>>,
): number {
  let lacking = 0
  for (const [device, { seq }] of Object.entries(heads)) {
    for (const { first, last } of held.gaps(device, seq)) lacking += last - first + 1
  }
  return lacking
}

async function* lackingFrames(
  { components }: ReplicaContext,
  held: Coverage,
  heads: Readonly<Record<DeviceId, LogHead>>,
): AsyncGenerator<LogFrame> {
  const { log } = components
  const reach = held.reach()
  for (const [device, { seq }] of Object.entries(heads)) {
    for (const gap of held.gaps(device, Math.min(seq, reach[device] ?? 0))) {
      yield* framesOf(log, gap, heads)
    }
  }
  for await (const frame of log.frames(reach)) {
    const head = heads[frame.device]
    // What was appended since the push began is for the next one.
    if (head && frame.last <= head.seq && !held.covers(frame)) yield frame
  }
}

/** The frames of one device that hold a span. */
async function* framesOf(
  log: ReplicaContext['components']['log'],
  { device, first, last }: Span,
  heads: Readonly<Record<DeviceId, LogHead>>,
): AsyncGenerator<LogFrame> {
  const others = Object.keys(heads).map((other) => [other, Number.MAX_SAFE_INTEGER] as const)
  for await (const frame of log.frames({ ...Object.fromEntries(others), [device]: first - 1 })) {
    if (frame.first > last) return
    yield frame
  }
}

/**
 * Where the replica's branch of a device's log is another than this device's, its packs are read first: then the log
 * knows the fork, and the proof is written.
 */
export async function learnForks(
  context: ReplicaContext,
  state: ReplicaState,
  options: WriteContext['options'],
): Promise<void> {
  const differing = await differingDevices(context, state)
  if (differing.size === 0) return
  const packs = [...state.packs.values()].filter(({ spans }) =>
    spans.some(({ device }) => differing.has(device)),
  )
  await receivePacks(context, { packs, options })
  for (const device of differing) context.settled.add(forkName(state, device))
}

/** The devices of which the log here has another branch than whoever wrote to the replica. */
export async function differingDevices(
  { components, settled }: ReplicaContext,
  state: ReplicaState,
): Promise<Set<DeviceId>> {
  const { log } = components
  const own = log.heads()
  const differing = new Set<DeviceId>()
  for (const [device, { seq, hash }] of Object.entries(state.heads)) {
    const mine = own[device]
    if (!mine || mine.seq < seq || mine.forkedAt !== undefined || settled.has(forkName(state, device)))
      continue
    if (!(await log.hasFrame(device, seq, hash))) differing.add(device)
  }
  return differing
}

function forkName({ heads }: ReplicaState, device: DeviceId): string {
  return `fork/${device}/${heads[device]?.hash ?? ''}`
}

/** Writes the frames that prove the forks known here, where they do not lie there already. */
export async function pushProofs(write: WriteContext): Promise<void> {
  const { log } = write.context.components
  for (const [device, { forkedAt }] of Object.entries(log.heads())) {
    if (forkedAt !== undefined) await writePacks(write, log.evidence(device), { isProof: true })
  }
}
