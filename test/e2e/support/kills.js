// Killing real processes at moments that a seed chooses.
import { setTimeout as elapsed } from 'node:timers/promises'

/** How many kills of each kind: one in `npm test`, fifty in the deep lane. */
export const KILLS = Number(process.env['MUNIMENT_SCALE'] ?? 1)
export const SEED = Number(process.env['MUNIMENT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Numbers in [0, 1), from a seed (mulberry32). */
export function seededDice(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How long a command takes that nobody kills, in milliseconds. */
export async function timeOf(run) {
  const start = performance.now()
  await run()
  return performance.now() - start
}

/**
 * Starts something, and kills a process with SIGKILL at some moment of the time that it takes. Gives the moment, for
 * whoever reads of a failure.
 */
export async function killedDuring({ start, victim, time, dice }) {
  const moment = dice() * time
  const command = start()
  await elapsed(moment)
  await (victim ?? command).kill('SIGKILL')
  await command.kill('SIGKILL')
  return `killed after ${Math.round(moment)} ms of ${Math.round(time)}, MUNIMENT_SEED=${SEED}`
}
