import { join } from 'node:path'

/** Fresh devices of each system: whatever slows the machine down for a while slows all systems in a round. */
export const ROUNDS = 5

/**
 * First sync of a fresh device until all is safe on its disk, each system in turn. Gives the milliseconds of each round,
 * and the parties of the last round, which go on with live edits.
 */
export async function firstSyncs(systems, { start, folder, records }) {
  const names = Object.keys(systems)
  const milliseconds = Object.fromEntries(names.map((name) => [name, []]))
  const inMemory = []
  const watchers = {}
  for (let round = 0; round < ROUNDS; round++) {
    const isLast = round === ROUNDS - 1
    for (const name of rotated(names, round)) {
      const fresh = await start(`ends/${name}.mjs`, isLast)
      const place = join(folder, `${name}-${round}`)
      const synced = await systems[name].sync(fresh, place)
      if (synced.count !== records) throw new Error(`${name} has ${synced.count} of ${records} records`)
      milliseconds[name].push(synced.milliseconds)
      if (synced.inMemory !== undefined) inMemory.push(synced.inMemory)
      if (isLast) watchers[name] = fresh
      else await fresh.stop()
    }
  }
  return { milliseconds, inMemory, watchers }
}

function rotated(names, by) {
  const start = by % names.length
  return [...names.slice(start), ...names.slice(0, start)]
}
