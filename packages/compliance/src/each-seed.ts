import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** How many times as much is tried as in `npm test`. */
    scale: number
    /** Where the random cases of this run begin. */
    seed: number
  }
}

/** The longest time-out that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1
/** The step between two seeds: odd, so that none comes twice. */
const STEP = 0x9e3779b1

/**
 * Runs a random check with a fresh seed: once in `npm test`, and as many times as the lane says in the deeper ones, so
 * that every lane is the same test. A check that fails prints its seed, and `MUNIMENT_SEED` begins a run with it.
 *
 * @param check - gets a 32-bit seed, and gives it to whatever makes its cases
 */
export async function eachSeed(check: (seed: number) => void | Promise<void>): Promise<void> {
  const first = inject('seed')
  for (let round = 0; round < inject('scale'); round++) {
    await check((first + Math.imul(round, STEP)) | 0)
    // Whoever watches this test hears of it between two rounds, however long all of them take.
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

/** Milliseconds that a test may take in this lane, told for `npm test`. */
export function patience(milliseconds: number): number {
  return Math.min(milliseconds * inject('scale'), LONGEST)
}
