/** Those who want to hear of something. */
export interface Listeners {
  /** Adds a listener; the returned function takes it away again. */
  add(listener: () => void): () => void
  /** Calls all of them. */
  call(): void
}

/** An empty set of listeners. */
export function listeners(): Listeners {
  const all = new Set<() => void>()
  return {
    add(listener) {
      // A function of its own, so that one added twice is called twice and taken away once.
      const mine = (): void => listener()
      all.add(mine)
      return () => void all.delete(mine)
    },
    call() {
      for (const listener of all) listener()
    },
  }
}
