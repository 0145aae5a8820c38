/** Runs pieces of work one after the other, in the order they were handed in. A failure does not stop the next. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** A fresh queue. */
export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
