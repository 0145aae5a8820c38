import { type Clock, MunimentError } from '@muniment/interface'

/** The wall clock of this machine, and real waiting. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  wait(duration, { signal } = {}) {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        clearTimeout(timer)
        reject(new MunimentError('ERR_ABORTED', 'the wait was given up', { cause: signal?.reason }))
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, duration)
      if (signal?.aborted) abort()
      else signal?.addEventListener('abort', abort, { once: true })
    })
  },
}
