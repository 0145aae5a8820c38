/** Runs tasks of one name one after another; tasks of different names do not wait for each other. */
export interface Queue {
  run<T>(name: string, task: () => Promise<T>): Promise<T>
}

/** Makes a {@link Queue}. One process owns a store, so order within the process is order in the store. */
export function createQueue(): Queue {
  const last = new Map<string, Promise<unknown>>()
  return {
    async run<T>(name: string, task: () => Promise<T>): Promise<T> {
      const before = last.get(name)
      const mine = (async (): Promise<T> => {
        // The one before has its own caller to tell of its failure.
        await before?.catch(() => undefined)
        return task()
      })()
      last.set(name, mine)
      try {
        return await mine
      } finally {
        if (last.get(name) === mine) last.delete(name)
      }
    },
  }
}
