/** Who reads now: an open reader keeps files alive that the database has given up. */
export interface Readers {
  /** A reader begins; the returned function says that it has ended. */
  begin(): () => void
  /** How many have ever begun. */
  readonly count: number
  readonly isIdle: boolean
  /** Resolves when nobody reads, at once or as soon as that is so. */
  idle(): Promise<void>
}

/** Counts readers. */
export function readers(): Readers {
  let open = 0
  let count = 0
  let waiting: (() => void)[] = []
  return {
    begin() {
      open++
      count++
      return () => {
        open--
        if (open > 0) return
        for (const resolve of waiting) resolve()
        waiting = []
      }
    },
    get count() {
      return count
    },
    get isIdle() {
      return open === 0
    },
    async idle() {
      if (open > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
