import { MunimentError } from '@muniment/interface'

/** Times only while somebody waits. */
export interface WaitingClock {
  /** Somebody waits from now on. */
  start(): void
  /** There was progress. */
  refresh(): void
  /** Nobody waits any more. */
  stop(): void
}

/** Milliseconds that a wait may last. */
export interface WaitingLimits {
  /** Without progress. */
  readonly stallTimeout: number
  /** All waits together. */
  readonly timeout: number
}

/** A clock that calls `expired` with `ERR_TIMEOUT` when a wait lasts longer than it may. */
export function waitingClock(limits: WaitingLimits, expired: (error: MunimentError) => void): WaitingClock {
  const { stallTimeout, timeout } = limits
  let stall: NodeJS.Timeout | undefined
  let whole: NodeJS.Timeout | undefined
  let started = 0
  let waited = 0
  const stalled = (): void => expired(tooSlow(`made no progress in ${stallTimeout} ms`))
  const tooLong = (): void => expired(tooSlow('takes too long for the size of its file'))
  return {
    start() {
      started = performance.now()
      stall = setTimeout(stalled, stallTimeout)
      whole = setTimeout(tooLong, timeout - waited)
    },
    refresh: () => stall?.refresh(),
    stop() {
      if (stall === undefined) return
      waited += performance.now() - started
      clearTimeout(stall)
      clearTimeout(whole)
      stall = undefined
    },
  }
}

function tooSlow(how: string): MunimentError {
  return new MunimentError('ERR_TIMEOUT', `the import ${how}`)
}
