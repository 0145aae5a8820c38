import type { WriteOperation } from './engine.ts'

/**
 * Gathers what is written at the same time into one synced write: while one write is on its way to the disk, the next
 * callers wait together and share the one after it. Order is kept.
 */
export interface GroupCommit {
  /** Resolves when the operations are on disk, all of them; rejects with the error of the write that carried them. */
  write(operations: readonly WriteOperation[]): Promise<void>
  /** Does something while nothing is written: what is asked to be written meanwhile waits. */
  alone(work: () => Promise<void>): Promise<void>
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>
}

/** Bytes of values after which a group is full: a larger write would only hold the memory of more callers. */
const MAX_GROUP_BYTES: number = 8 << 20

interface Caller {
  readonly operations: readonly WriteOperation[]
  readonly bytes: number
  /** What to do in place of a write, with nobody else in its group. */
  readonly work?: () => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Groups writes over `write`, which is never called while an earlier call is under way. */
export function groupCommit(write: (operations: readonly WriteOperation[]) => Promise<void>): GroupCommit {
  const waiting: Caller[] = []
  let running: Promise<void> | undefined

  const takeGroup = (): Caller[] => {
    let bytes = 0
    let count = 0
    for (const caller of waiting) {
      const isAlone = caller.work !== undefined
      if (count > 0 && (isAlone || bytes + caller.bytes > MAX_GROUP_BYTES)) break
      bytes += caller.bytes
      count++
      if (isAlone) break
    }
    return waiting.splice(0, count)
  }

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = takeGroup()
      try {
        await (group[0]?.work?.() ?? write(group.flatMap(({ operations }) => operations)))
        for (const caller of group) caller.resolve()
      } catch (error) {
        for (const caller of group) caller.reject(error)
      }
    }
    running = undefined
  }

  const enter = (caller: Omit<Caller, 'resolve' | 'reject'>): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ ...caller, resolve, reject })
      running ??= run()
    })

  return {
    write: (operations) =>
      enter({ operations, bytes: operations.reduce((sum, { value }) => sum + (value?.length ?? 0), 0) }),
    alone: (work) => enter({ operations: [], bytes: 0, work }),
    async settled() {
      await running
    },
  }
}
