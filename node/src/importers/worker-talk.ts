import type { Worker } from 'node:worker_threads'
import { MunimentError } from '@muniment/interface'
import type { FromWorker } from './worker-messages.ts'

/** What {@link workerTalk} needs to know. */
export interface TalkOptions {
  readonly signal?: AbortSignal | undefined
  /** Called with the bytes read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
  /** Milliseconds that may pass without a message while one is waited for. */
  readonly stallTimeout: number
}

/** Messages of one import worker, one after the other. */
export interface WorkerTalk {
  /**
   * The next message but progress. Throws `ERR_ABORTED` by the signal, `ERR_TIMEOUT` when the worker is silent for
   * too long, `ERR_TOO_LARGE` when it ran out of its memory, and the code of a failure that it told. The worker has
   * been ended then.
   */
  next(): Promise<FromWorker>
  /** Tells the worker to read on. */
  readOn(): void
  /** Ends the worker. */
  end(): Promise<void>
}

/**
 * Listens to a worker. Its clock runs only while a message is waited for, so a slow disk on this side is no stall;
 * and only then does the worker keep the process alive.
 */
export function workerTalk(worker: Worker, { signal, onProgress, stallTimeout }: TalkOptions): WorkerTalk {
  const messages: FromWorker[] = []
  let failure: MunimentError | undefined
  let wake: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  const fail = (error: MunimentError): void => {
    failure ??= error
    wake?.()
  }
  const stalled = (): void =>
    fail(new MunimentError('ERR_TIMEOUT', `the import made no progress in ${stallTimeout} ms`))
  const aborted = (): void => fail(new MunimentError('ERR_ABORTED', 'the import was cancelled'))
  const end = async (): Promise<void> => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', aborted)
    await worker.terminate()
  }
  worker.on('message', (message: FromWorker) => {
    timer?.refresh()
    if (message.type === 'progress') {
      onProgress?.(message.bytes)
      return
    }
    if (message.type === 'failed') fail(new MunimentError(message.code, message.message))
    else messages.push(message)
    wake?.()
  })
  worker.on('error', (error) => fail(workerError(error)))
  worker.on('exit', () => fail(new MunimentError('ERR_MALFORMED', 'the import ended before the file did')))
  signal?.addEventListener('abort', aborted, { once: true })
  if (signal?.aborted === true) aborted()
  const waitForNews = async (): Promise<void> => {
    timer = setTimeout(stalled, stallTimeout)
    worker.ref()
    await new Promise<void>((resolve) => (wake = resolve))
    worker.unref()
    clearTimeout(timer)
    timer = undefined
    wake = undefined
  }
  return {
    async next() {
      if (messages.length === 0 && failure === undefined) await waitForNews()
      const message = failure?.code === 'ERR_ABORTED' ? undefined : messages.shift()
      if (message !== undefined) return message
      await end()
      throw failure ?? new MunimentError('ERR_MALFORMED', 'the import ended before the file did')
    },
    readOn: () => worker.postMessage('more'),
    end,
  }
}

function workerError(error: unknown): MunimentError {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new MunimentError('ERR_TOO_LARGE', 'the file needs more memory than an import may use', {
        cause: error,
      })
    : new MunimentError('ERR_MALFORMED', 'the import failed on this file', { cause: error })
}
