import type { DeviceId } from '@muniment/interface'
import type { LogFrame } from '@muniment/log'
import type { SyncLog } from './components.ts'
import { MAX_BRANCH_FRAMES, MAX_MESSAGE_FRAMES, MESSAGE_FILL } from './constants.ts'
import type { KeyringGate } from './keyring-gate.ts'
import type { Outbox } from './outbox.ts'
import type { PeerView } from './peer-view.ts'
import { type Lost, lostFrames } from './refetch.ts'
import type { WakeUp } from './wake-up.ts'
import type { Window } from './window.ts'

/** A peer's question: from where on does your branch of that device's log differ from mine? */
export interface Question {
  readonly device: DeviceId
  readonly landmarks: readonly { readonly seq: number; readonly hash: string }[]
}

/** What sending works on. */
export interface SendContext {
  readonly log: SyncLog
  readonly keyring: KeyringGate
  readonly out: Outbox
  readonly window: Window
  readonly peer: PeerView
  readonly bell: WakeUp
  /** Questions to answer, taken from the front. */
  readonly questions: Question[]
  /** Logs that the peer asked for again, taken between two listings: what is under way notes what it sends. */
  readonly again: { readonly device: DeviceId; readonly after: number }[]
  /** Questions for what the peer's disk lost, taken from the front. */
  readonly lost: Lost[]
  readonly isOver: () => boolean
}

/** Sends what the peer lacks, then whatever is new, until the connection is over. */
export async function sendFrames(context: SendContext): Promise<void> {
  const { log, peer, bell, questions, lost, again, isOver } = context
  while (!isOver()) {
    for (const { device, after } of again.splice(0)) peer.rewind(device, after)
    await sendKeyring(context)
    for await (const batch of batched(context, log.frames(peer.reached))) await sendBatch(context, batch)
    for (const device of peer.untold()) await sendAll(context, log.evidence(device))
    for (const asked of lost.splice(0)) await sendAll(context, lostFrames(log, asked))
    for (const question of questions.splice(0)) await sendAll(context, branchAfter(log, question))
    await bell.wait()
  }
}

async function sendAll(context: SendContext, frames: AsyncIterable<LogFrame>): Promise<void> {
  for await (const batch of batched(context, frames)) await sendBatch(context, batch)
}

/** Frames gathered until a message is full, or until the next one would have to wait for room. */
async function* batched(
  { window }: SendContext,
  frames: AsyncIterable<LogFrame>,
): AsyncGenerator<LogFrame[]> {
  let batch: LogFrame[] = []
  let length = 0
  for await (const frame of frames) {
    const isFull = length + frame.bundle.length > MESSAGE_FILL || batch.length === MAX_MESSAGE_FRAMES
    if (batch.length > 0 && (isFull || !window.hasRoom(frame.bundle.length))) {
      yield batch
      batch = []
      length = 0
    }
    await window.enter(frame.bundle.length)
    batch.push(frame)
    length += frame.bundle.length
  }
  if (batch.length > 0) yield batch
}

async function sendBatch(context: SendContext, batch: readonly LogFrame[]): Promise<void> {
  const { out, peer } = context
  await sendKeyring(context)
  for (const { device, last } of batch) peer.note(device, last)
  await out.send({ type: 'frames', frames: batch.map(({ bundle }) => bundle) })
}

/** The keyring goes before the entries that need it: their keys were in it before they were written. */
async function sendKeyring({ keyring, out }: SendContext): Promise<void> {
  const message = keyring.due()
  if (message) await out.send(message)
}

/** Our branch from the newest landmark that it shares with the peer's, as much of it as the peer keeps. */
async function* branchAfter(log: SyncLog, { device, landmarks }: Question): AsyncGenerator<LogFrame> {
  let shared = 0
  for (const { seq, hash } of landmarks) {
    if (seq > shared && (await log.hasFrame(device, seq, hash))) shared = seq
  }
  const others = Object.keys(log.heads()).filter((other) => other !== device)
  const after = Object.fromEntries([
    ...others.map((other) => [other, Number.MAX_SAFE_INTEGER]),
    [device, shared],
  ])
  let sent = 0
  for await (const frame of log.frames(after)) {
    yield frame
    if (++sent === MAX_BRANCH_FRAMES) return
  }
}
