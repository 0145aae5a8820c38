import { MunimentError } from '@muniment/interface'
import type { ReceiveOutcome } from '@muniment/log'
import type { SyncLog } from './components.ts'
import { MAX_WINDOW_BYTES, MAX_WINDOW_FRAMES } from './constants.ts'
import type { Outbox } from './outbox.ts'
import { type WakeUp, wakeUp } from './wake-up.ts'

/** Takes frames as they arrive and stores all that wait in one commit, then acknowledges them. */
export interface Intake {
  /** True while frames are being stored: what the log tells then is news from this very peer. */
  readonly isStoring: boolean
  /** Throws `ERR_PROTOCOL` when the peer sends more than it may have outstanding. */
  add(frames: readonly Uint8Array[]): void
  /** Stores until stopped; throws what the log throws, and `ERR_PROTOCOL` for frames that no honest peer passes on. */
  run(): Promise<void>
  /** Lets {@link run} end once what has arrived is stored. */
  stop(): void
  /** Gives up what waits and resolves once nothing is being stored: the store may be closed then. */
  drop(): Promise<void>
}

/** An empty intake. `onStored` hears what came of each frame. */
export function intake(
  log: SyncLog,
  out: Outbox,
  onStored: (outcomes: readonly ReceiveOutcome[]) => Promise<void>,
): Intake {
  const bell: WakeUp = wakeUp()
  let waiting: Uint8Array[] = []
  let outstanding = { bytes: 0, frames: 0 }
  let storing: Promise<unknown> = Promise.resolve()
  const state = { isStopped: false, isStoring: false }
  const stop = (): void => {
    state.isStopped = true
    bell.ring()
  }
  return {
    get isStoring() {
      return state.isStoring
    },
    add(frames) {
      for (const frame of frames) outstanding.bytes += frame.length
      outstanding.frames += frames.length
      if (outstanding.bytes > MAX_WINDOW_BYTES || outstanding.frames > MAX_WINDOW_FRAMES) {
        throw new MunimentError('ERR_PROTOCOL', 'the peer sends faster than it was asked to')
      }
      waiting.push(...frames)
      bell.ring()
    },
    async run() {
      while (!state.isStopped || waiting.length > 0) {
        if (waiting.length === 0) await bell.wait()
        const taken = waiting
        if (taken.length === 0) continue
        waiting = []
        state.isStoring = true
        const receiving = log.receiveAll(taken)
        storing = receiving
        const outcomes = await receiving
        state.isStoring = false
        outstanding = {
          bytes: outstanding.bytes - taken.reduce((sum, { length }) => sum + length, 0),
          frames: outstanding.frames - taken.length,
        }
        await onStored(outcomes)
        refuseForgeries(outcomes)
        await out.send({ type: 'stored', frames: taken.length })
      }
    },
    stop,
    async drop() {
      waiting = []
      stop()
      await storing.catch(() => undefined)
    },
  }
}

/** An honest peer passes on only what it has verified itself: whoever sends this is not one. */
function refuseForgeries(outcomes: readonly ReceiveOutcome[]): void {
  const problems = outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.problems))
  if (problems.some(({ code }) => code === 'malformed' || code === 'bad_signature')) {
    throw new MunimentError('ERR_PROTOCOL', 'the peer passes on frames that nobody signed')
  }
}
