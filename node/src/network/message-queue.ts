import { MunimentError } from '@muniment/interface'

/** Messages that arrived and wait for their reader, one reader at a time. */
export interface MessageQueue {
  /** Bytes of the messages that wait, each counted with {@link MESSAGE_COST}. */
  readonly bytes: number
  /** True once `end` or `fail` was called. */
  readonly isOver: boolean
  push(message: Uint8Array): void
  /** Nothing more comes; what waits can still be read. */
  end(): void
  /** What waits is dropped, and every reader from now on gets the error. */
  fail(error: MunimentError): void
  /** The next message; `undefined` after the end. */
  next(signal?: AbortSignal): Promise<Uint8Array | undefined>
}

/** Bytes that a message in the queue counts beside its own, so that a flood of empty messages is bounded too. */
const MESSAGE_COST = 64

interface Reader {
  readonly resolve: (message: Uint8Array | undefined) => void
  readonly reject: (error: Error) => void
}

/** A queue; `onTaken` is called whenever a message has left it. */
export function messageQueue(onTaken: () => void): MessageQueue {
  const waiting: Uint8Array[] = []
  let bytes = 0
  let state: 'open' | 'ended' | MunimentError = 'open'
  let reader: Reader | undefined

  const wake = (act: (reader: Reader) => void): void => {
    const woken = reader
    reader = undefined
    if (woken) act(woken)
  }
  const take = (): Uint8Array | undefined => {
    const message = waiting.shift()
    if (message) {
      bytes -= message.length + MESSAGE_COST
      onTaken()
    }
    return message
  }
  return {
    get bytes() {
      return bytes
    },
    get isOver() {
      return state !== 'open'
    },
    push(message) {
      if (state !== 'open') return
      waiting.push(message)
      bytes += message.length + MESSAGE_COST
      wake(({ resolve }) => resolve(take()))
    },
    end() {
      if (state !== 'open') return
      state = 'ended'
      wake(({ resolve }) => resolve(undefined))
    },
    fail(error) {
      if (state instanceof MunimentError) return
      state = error
      waiting.length = 0
      bytes = 0
      wake(({ reject }) => reject(error))
    },
    next(signal) {
      if (reader) throw new MunimentError('ERR_INVALID_ARGUMENT', 'one receive at a time')
      return new Promise((resolve, reject) => {
        if (state instanceof MunimentError) return reject(state)
        if (signal?.aborted) return reject(givenUp(signal))
        if (waiting.length > 0 || state === 'ended') return resolve(take())
        const giveUp = (): void => wake((woken) => woken.reject(givenUp(signal)))
        signal?.addEventListener('abort', giveUp, { once: true })
        const done = (): void => signal?.removeEventListener('abort', giveUp)
        reader = {
          resolve: (message) => (done(), resolve(message)),
          reject: (error) => (done(), reject(error)),
        }
      })
    },
  }
}

function givenUp(signal: AbortSignal | undefined): MunimentError {
  return new MunimentError('ERR_ABORTED', 'the wait for a message was given up', { cause: signal?.reason })
}
