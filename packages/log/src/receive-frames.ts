import type { DeviceId } from '@muniment/interface'
import type { AcceptContext } from './accept-context.ts'
import { acceptFrame } from './accept-frame.ts'
import type { Frame } from './frame.ts'
import { readableUpTo } from './holes.ts'
import type { LogComponents, LogEvent, LogInit, ReceiveOutcome } from './log.ts'
import { EMPTY_HEAD, type LogState, newBatch, settle } from './log-state.ts'
import type { News } from './news.ts'

/** What receiving shares with the rest of the log. */
export interface ReceiveContext {
  readonly components: LogComponents
  readonly init: LogInit
  readonly device: DeviceId | undefined
  readonly state: LogState
  readonly news: News
}

/** Judges frames in order and commits what is new, in one commit as far as membership allows. */
export async function receiveFrames(
  context: ReceiveContext,
  bundles: readonly Uint8Array[],
): Promise<readonly ReceiveOutcome[]> {
  const outcomes: ReceiveOutcome[] = []
  let round = newRound(context)
  for (const bundle of bundles) {
    let outcome = await acceptFrame(round, bundle)
    if (isOfStranger(outcome) && round.accepted.some(hasRoster)) {
      // The roster may make its writer a member as soon as it has seen what came before.
      await finishRound(context, round)
      round = newRound(context)
      outcome = await acceptFrame(round, bundle)
    }
    outcomes.push(outcome)
  }
  await finishRound(context, round)
  return outcomes
}

function newRound({ components, init, device, state }: ReceiveContext): AcceptContext {
  const { cryptography, dataKeys, store, members } = components
  return {
    cryptography,
    store,
    members,
    isErased: (key) => dataKeys.isErased(key),
    vault: init.vault,
    self: device,
    state,
    batch: newBatch(),
    accepted: [],
  }
}

async function finishRound(context: ReceiveContext, { batch, accepted }: AcceptContext): Promise<void> {
  await settle(context.components.store, context.state, batch)
  for (const proof of batch.proofs.values()) context.news.announceFork(proof)
  for (const event of eventsOf(accepted)) {
    const isRefill = batch.filled.has(event.device)
    await context.news.announce(isRefill ? refillEvent(context, event) : event)
  }
}

/** One event per run of frames of a device. */
function eventsOf(accepted: readonly Frame[]): LogEvent[] {
  const events: LogEvent[] = []
  for (const frame of accepted) {
    const run = events.at(-1)
    const isRun = run?.device === frame.device && run.last + 1 === frame.first
    const first = isRun ? run.first : frame.first
    const roster = hasRoster(frame) || (isRun && run.hasRoster)
    if (isRun) events.pop()
    events.push({ device: frame.device, first, last: frame.last, origin: 'peer', hasRoster: roster })
  }
  return events
}

/** What comes after a hole that was filled is news too, to whoever reads in order; what is in it was not looked at. */
function refillEvent({ state }: ReceiveContext, event: LogEvent): LogEvent {
  const { seq } = state.heads.get(event.device) ?? EMPTY_HEAD
  return { ...event, last: readableUpTo(state.holes.get(event.device), event.first, seq), hasRoster: true }
}

function hasRoster({ headers }: Frame): boolean {
  return headers.some(({ kind }) => kind === 'roster')
}

function isOfStranger(outcome: ReceiveOutcome): boolean {
  return !outcome.ok && outcome.problems.some(({ code }) => code === 'not_a_member' || code === 'removed')
}
