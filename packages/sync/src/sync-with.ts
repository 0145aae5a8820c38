import { type Channel, isMunimentError, MunimentError } from '@muniment/interface'
import type { SyncComponents, SyncInit } from './components.ts'
import { GREETING_TIMEOUT, KEEPALIVE_INTERVAL, MAX_AGAIN, MAX_LOCATES, MAX_REFETCHES } from './constants.ts'
import { greet, type Greeted } from './greet.ts'
import { keyringGate } from './keyring-gate.ts'
import { parseMessage, type QuestionMessage, type SyncMessage } from './messages.ts'
import { type Outbox, outbox } from './outbox.ts'
import { type PeerView, peerView } from './peer-view.ts'
import { progressOf } from './progress.ts'
import { type SendContext, sendFrames } from './send-frames.ts'
import { refetching } from './refetch.ts'
import { type Intake, intake } from './store-frames.ts'
import { wakeUp } from './wake-up.ts'
import { strangers } from './strangers.ts'
import { sendWindow } from './window.ts'

/**
 * Replicates the vault's logs and keyring with the peer at the other end of a channel, both ways: membership is proved,
 * what either lacks is sent and acknowledged once it is durable, and from then on whatever is new goes out as it
 * comes. Runs until either end closes or the signal aborts. A cut loses nothing: the next connection goes on from
 * what was stored.
 *
 * Throws `ERR_NOT_A_MEMBER`, `ERR_PROTOCOL` for a peer that breaks the rules, `ERR_MALFORMED`, `ERR_TIMEOUT` for one that
 * is silent, `ERR_CHANNEL_CLOSED` after a cut, and whatever the store throws. The channel is gone in every case.
 */
export async function syncWith(
  channel: Channel,
  components: SyncComponents,
  init: SyncInit = {},
): Promise<void> {
  const ending = new AbortController()
  const leaving: Promise<void>[] = []
  const giveUp = (): void => ending.abort(new MunimentError('ERR_ABORTED', 'sync was stopped'))
  init.signal?.addEventListener('abort', giveUp, { once: true })
  try {
    if (init.signal?.aborted) giveUp()
    const out = outbox(channel)
    const greeted = await greetInTime(channel, components, ending, out)
    await runSession(channel, components, { init, out, greeted, ending, leaving })
    await channel.close()
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error('sync failed'))
    if (!init.signal?.aborted) throw error
  } finally {
    ending.abort()
    await Promise.all(leaving)
    init.signal?.removeEventListener('abort', giveUp)
  }
}

/** Rejects with the reason as soon as the connection is to end. */
function ended(signal: AbortSignal): Promise<never> {
  const rejecting = new Promise<never>((_, reject) => {
    const tell = (): void => {
      const { reason } = signal
      reject(reason instanceof Error ? reason : new MunimentError('ERR_ABORTED', 'sync was stopped'))
    }
    if (signal.aborted) tell()
    else signal.addEventListener('abort', tell, { once: true })
  })
  rejecting.catch(() => undefined)
  return rejecting
}

async function greetInTime(
  channel: Channel,
  components: SyncComponents,
  ending: AbortController,
  out: Outbox,
): Promise<Greeted> {
  const timer = new AbortController()
  const late = components.clock.wait(GREETING_TIMEOUT, { signal: timer.signal }).then(() => {
    throw new MunimentError('ERR_TIMEOUT', 'the peer did not greet in time')
  })
  late.catch(() => undefined)
  try {
    const greeting = greet(channel, components, { out, signal: ending.signal })
    return await Promise.race([greeting, late, ended(ending.signal)])
  } finally {
    timer.abort()
  }
}

interface Session {
  readonly init: SyncInit
  readonly out: Outbox
  readonly greeted: Greeted
  readonly ending: AbortController
  /** What is waited for once the channel is gone. */
  readonly leaving: Promise<void>[]
}

async function runSession(channel: Channel, components: SyncComponents, session: Session): Promise<void> {
  const { init, out, greeted, ending, leaving } = session
  const { log } = components
  const isRolledBack = await compareOwnHead(components, greeted)
  init.onGreeted?.({ device: greeted.device, isRolledBack })
  const peer = await peerView(log, greeted.held.heads)
  const progress = progressOf(log, greeted.held.heads, init.onProgress)
  const bell = wakeUp()
  const keyring = keyringGate(components.keyring, greeted.held.keyring)
  const refused = strangers(components, out)
  const refetch = refetching(log, out)
  const received = intake(log, out, async (outcomes) => {
    peer.noteReceived(outcomes)
    refused.note(outcomes)
    bell.ring()
    await keyring.retry()
    await refetch()
  })
  const sending: SendContext = {
    log,
    keyring,
    out,
    window: sendWindow(),
    peer,
    bell,
    questions: [],
    again: [],
    lost: [],
    isOver: () => ending.signal.aborted,
  }
  const stopListening = wakeOnNews(components, sending, { received, greeted, ending })
  const stopCounting = log.onAppend(progress)
  const untilFailure = (work: Promise<void>): Promise<void> => {
    work.catch((error: unknown) => ending.abort(error))
    return work
  }
  try {
    const storing = untilFailure(received.run())
    void untilFailure(sendFrames(sending))
    void untilFailure(refused.run(ending.signal))
    void untilFailure(stayAlive(components, out, ending.signal))
    const listening = async (): Promise<void> => {
      await askWhereBranchesPart(log, out, peer)
      await refetch()
      await listen(channel, { sending, received, signal: ending.signal })
      received.stop()
      await storing.catch(unlessClosed)
    }
    await Promise.race([listening(), ended(ending.signal)])
  } finally {
    stopListening()
    stopCounting()
    sending.window.close()
    leaving.push(received.drop())
  }
}

/** The peer's word on this device's own log: it allows writing, or shows that this is an old copy (protocol rule 3). */
async function compareOwnHead({ log }: SyncComponents, { held }: Greeted): Promise<boolean> {
  try {
    await log.confirmHead(log.device === undefined ? undefined : held.heads[log.device])
    return false
  } catch (error) {
    if (isMunimentError(error, 'ERR_ROLLED_BACK')) return true
    throw error
  }
}

function wakeOnNews(
  { log, keyring, roster }: SyncComponents,
  { bell }: SendContext,
  { received, greeted, ending }: Pick<Session, 'greeted' | 'ending'> & { readonly received: Intake },
): () => void {
  const ring = (): void => bell.ring()
  // What is just coming from the peer is noted as its own first, and rung for then: else it would be sent back.
  const ringUnlessStoring = (): void => {
    if (!received.isStoring) ring()
  }
  const stops = [
    log.onAppend(ringUnlessStoring),
    log.onFork(ringUnlessStoring),
    keyring.onChange(ring),
    roster.onChange(() => {
      if (roster.isMember(greeted.device)) return
      ending.abort(new MunimentError('ERR_NOT_A_MEMBER', 'the peer is no longer a device of this vault'))
    }),
  ]
  ending.signal.addEventListener('abort', ring, { once: true })
  return () => {
    for (const stop of stops) stop()
  }
}

async function askWhereBranchesPart(log: SyncComponents['log'], out: Outbox, peer: PeerView): Promise<void> {
  for (const device of peer.differing) {
    await out.send({ type: 'locate', device, landmarks: await log.landmarks(device) })
  }
}

interface Listening {
  readonly sending: SendContext
  readonly received: Intake
  readonly signal: AbortSignal
}

/** Reads until the peer closes. It never waits for what it sends, so that two ends cannot wait for each other. */
async function listen(channel: Channel, { sending, received, signal }: Listening): Promise<void> {
  const questions = questionsOf(sending)
  for (;;) {
    const bytes = await channel.receive({ signal })
    if (!bytes) return
    const message = parseMessage(bytes)
    if (isQuestion(message)) {
      questions.take(message)
      continue
    }
    switch (message.type) {
      case 'frames':
        received.add(message.frames)
        break
      case 'stored':
        sending.window.acknowledge(message.frames)
        break
      case 'keyring':
        await sending.keyring.take(message)
        break
      case 'alive':
        break
      case 'hello':
      case 'proof':
      case 'held':
      case 'removed':
        throw new MunimentError('ERR_PROTOCOL', 'the peer greets a second time')
    }
  }
}

function isQuestion(message: SyncMessage): message is QuestionMessage {
  return message.type === 'locate' || message.type === 'again' || message.type === 'refetch'
}

/** Hands the peer's questions to the sending side, as many as a connection may ask. */
function questionsOf({ questions, again, lost, bell }: SendContext): {
  take(message: QuestionMessage): void
} {
  const left = { locate: MAX_LOCATES, again: MAX_AGAIN, refetch: MAX_REFETCHES }
  return {
    take(message) {
      if (--left[message.type] < 0) throw new MunimentError('ERR_PROTOCOL', 'the peer asks without end')
      if (message.type === 'locate') questions.push(message)
      else if (message.type === 'again') again.push(message)
      else lost.push(message)
      bell.ring()
    },
  }
}

async function stayAlive({ clock }: SyncComponents, out: Outbox, signal: AbortSignal): Promise<void> {
  const waited = async (): Promise<boolean> => {
    await clock.wait(KEEPALIVE_INTERVAL, { signal }).catch(unlessAborted)
    return !signal.aborted
  }
  let before = out.count
  while (await waited()) {
    if (out.count === before) await out.send({ type: 'alive' })
    before = out.count
  }
}

function unlessAborted(error: unknown): void {
  if (!isMunimentError(error, 'ERR_ABORTED')) throw error
}

function unlessClosed(error: unknown): void {
  if (!isMunimentError(error, 'ERR_CHANNEL_CLOSED')) throw error
}
