/** Runs the tasks of one name one after the other; tasks of different names do not wait for each other. */
export type InTurn = <T>(name: string, task: () => Promise<T>) => Promise<T>

/**
 * Orders read-then-write steps over a store, which has one owner process: two requests at the same moment cannot both
 * find the same row unused.
 */
export function turnstile(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (name, task) => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(task, task)
    last.set(name, mine)
    try {
      return await mine
    } finally {
      if (last.get(name) === mine) last.delete(name)
    }
  }
}
