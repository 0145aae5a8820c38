import type { Random } from '@muniment/interface'

/** Numbers that follow from a seed. */
export interface Draw {
  /** A whole number from 0 on, less than `limit`. */
  below(limit: number): number
  /** True once in so many times. */
  once(times: number): boolean
  /** One of them; `undefined` of none. */
  one<T>(items: readonly T[]): T | undefined
  readonly random: Random
}

/** The numbers of a seed, always the same (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number): number => next() % limit
  return {
    below,
    once: (times) => below(times) === 0,
    one: (items) => items[below(items.length)],
    random: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
