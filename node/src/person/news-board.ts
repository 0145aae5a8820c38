/** Where those who wait for something to happen are told that something did. */
export interface NewsBoard {
  post(): void
  /** Resolves once the condition holds, looked at after every news, or the signal aborts. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>
}

/** Puts up a board. */
export function newsBoard(): NewsBoard {
  const readers = new Set<() => void>()
  return {
    post() {
      for (const reader of readers) reader()
    },
    until(condition, signal) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!signal?.aborted && !condition()) return
          readers.delete(look)
          signal?.removeEventListener('abort', look)
          resolve()
        }
        readers.add(look)
        signal?.addEventListener('abort', look, { once: true })
        look()
      })
    },
  }
}
