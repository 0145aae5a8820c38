import type { ChildProcess } from 'node:child_process'
import { MunimentError } from '@muniment/interface'
import { MAX_MEMORY } from './constants.ts'
import type { FromReader } from './reader-messages.ts'
import { type WaitingLimits, waitingClock } from './waiting-clock.ts'
import { watchMemory } from './watch-memory.ts'

/** What {@link readerTalk} needs to know. */
export interface TalkOptions extends WaitingLimits {
  readonly signal?: AbortSignal | undefined
  /** Called with the bytes read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/** Messages of one reader, one after the other. */
export interface ReaderTalk {
  /**
   * The next message but progress. Throws `ERR_ABORTED` by the signal, `ERR_TIMEOUT` when the reader is silent or at
   * work for too long, `ERR_TOO_LARGE` when it took more than its memory, and the code of a failure that it told. The
   * reader has been killed then.
   */
  next(): Promise<FromReader>
  /** Tells the reader to read on. */
  readOn(): void
  /** Kills the reader, and resolves when it is gone. */
  end(): Promise<void>
}

/**
 * Listens to a reader. Its clocks run only while a message is waited for, so a slow disk on this side is no stall; and
 * only then does the reader keep this process alive.
 */
export function readerTalk(reader: ChildProcess, options: TalkOptions): ReaderTalk {
  const { signal, onProgress } = options
  const messages: FromReader[] = []
  const gone = goneFrom(reader)
  let failure: MunimentError | undefined
  let wake: (() => void) | undefined
  const fail = (error: MunimentError): void => {
    failure ??= error
    wake?.()
  }
  const clock = waitingClock(options, fail)
  const kill = (): void => void reader.kill('SIGKILL')
  const exceeded = (): void => {
    kill()
    fail(tooMuchMemory())
  }
  const aborted = (): void => fail(new MunimentError('ERR_ABORTED', 'the import was cancelled'))
  const stopWatching = watchMemory(reader.pid, { limit: MAX_MEMORY, exceeded })
  const end = async (): Promise<void> => {
    clock.stop()
    stopWatching()
    signal?.removeEventListener('abort', aborted)
    process.off('exit', kill)
    kill()
    hold(reader, true)
    await gone
  }
  reader.on('message', (message: FromReader) => {
    clock.refresh()
    if (message.type === 'progress') {
      if (message.memory > MAX_MEMORY) exceeded()
      onProgress?.(message.bytes)
      return
    }
    if (message.type === 'failed') fail(new MunimentError(message.code, message.message))
    else messages.push(message)
    wake?.()
  })
  void gone.then(fail)
  process.once('exit', kill)
  signal?.addEventListener('abort', aborted, { once: true })
  if (signal?.aborted === true) aborted()
  return {
    async next() {
      if (messages.length === 0 && failure === undefined) {
        clock.start()
        hold(reader, true)
        await new Promise<void>((resolve) => (wake = resolve))
        hold(reader, false)
        clock.stop()
      }
      const message = failure?.code === 'ERR_ABORTED' ? undefined : messages.shift()
      if (message !== undefined) return message
      await end()
      throw failure ?? endedEarly()
    },
    // A reader that is gone by now is told of by `next`.
    readOn: () => void (reader.connected && reader.send('more', () => undefined)),
    end,
  }
}

/** Resolves when the reader has ended and every message of it was heard, with what its end means for an import. */
async function goneFrom(reader: ChildProcess): Promise<MunimentError> {
  const heard = new Promise<void>((resolve) => reader.once('disconnect', resolve))
  const ended = new Promise<MunimentError>((resolve) => {
    reader.once('error', (cause) =>
      resolve(new MunimentError('ERR_INTERNAL', 'the reader of imports could not be started', { cause })),
    )
    // V8 aborts when its heap is full: by one signal or another, depending on the processor.
    reader.once('exit', (code, signal) =>
      resolve(code === 0 || signal === 'SIGKILL' ? endedEarly() : tooMuchMemory()),
    )
  })
  const error = await ended
  if (reader.connected) await heard
  return error
}

/** Whether the reader and its channel keep this process alive. */
function hold(reader: ChildProcess, isHeld: boolean): void {
  if (isHeld) {
    reader.ref()
    reader.channel?.ref()
  } else {
    reader.unref()
    reader.channel?.unref()
  }
}

function tooMuchMemory(): MunimentError {
  return new MunimentError('ERR_TOO_LARGE', 'the file needs more memory than an import may use')
}

function endedEarly(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'the import ended before the file did')
}
