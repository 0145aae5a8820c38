import { PARALLEL_TRANSFERS } from './constants.ts'

/** Loads items in order, a few at a time ahead of whoever takes them. */
export async function* prefetched<Item, Loaded>(
  items: Iterable<Item>,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<readonly [Item, Loaded]> {
  const underWay: { readonly item: Item; readonly loaded: Promise<Loaded> }[] = []
  const begin = (item: Item): void => {
    const loaded = load(item)
    // Whoever takes it hears of the failure; until then it is not an unheard one.
    loaded.catch(() => undefined)
    underWay.push({ item, loaded })
  }
  for (const item of items) {
    begin(item)
    if (underWay.length < PARALLEL_TRANSFERS) continue
    const first = underWay.shift()
    if (first) yield [first.item, await first.loaded]
  }
  for (const { item, loaded } of underWay) yield [item, await loaded]
}

/** Runs a few tasks at the same time; who adds one too many waits. */
export interface Pool {
  /** Waits for room, then starts the task. Throws what an earlier one threw. */
  add(task: () => Promise<void>): Promise<void>
  /** Waits for all; throws what the first failure threw. */
  drain(): Promise<void>
}

/** A pool of `PARALLEL_TRANSFERS` tasks. */
export function pool(): Pool {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const rethrow = (): void => {
    if (failures.length > 0) throw failures[0]
  }
  return {
    async add(task) {
      while (running.size >= PARALLEL_TRANSFERS) await Promise.race(running)
      if (failures.length > 0) await Promise.all(running)
      rethrow()
      const done: Promise<void> = task()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(done))
      running.add(done)
    },
    async drain() {
      await Promise.all(running)
      rethrow()
    },
  }
}
