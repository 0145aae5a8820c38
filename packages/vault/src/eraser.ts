import type { VaultCore } from './core.ts'
import { askToErase, erasureOf, listErasures } from './erase-import.ts'
import { droppedEntries, lastSweep, tidyUp } from './tidy-up.ts'
import { openTurns } from './turns.ts'
import type { Vault } from './vault.ts'

/** Erasing, as a vault offers it, and what carries out erasures that other devices ask for. */
export interface Eraser {
  readonly verbs: Pick<Vault, 'eraseImport' | 'erasures' | 'droppedEntries' | 'lastSweep' | 'tidied'>
  /** Looks soon whether there is something to be brought to its end. */
  look(): void
  /** Waits for what is under way; nothing begins any more. */
  stop(): Promise<void>
}

/** Erases for a vault; what was under way when it was last closed is brought to its end first. */
export function eraser(core: VaultCore): Eraser {
  const turn = openTurns()
  let isQueued = false
  let isStopped = false

  const tidied = (): Promise<void> => turn(() => tidyUp(core))
  const look = (): void => {
    if (isQueued || isStopped) return
    isQueued = true
    turn(async () => {
      isQueued = false
      if (!isStopped) await tidyUp(core)
    }).catch(() => undefined) // It stays to be done: the next look, or the next opening, tries again.
  }

  const stopListening = core.log.onAppend(({ origin }) => {
    if (origin === 'peer') look()
  })
  look()
  return {
    verbs: {
      async eraseImport(importId) {
        const row = await askToErase(core, importId)
        await tidied()
        return erasureOf(core, row)
      },
      erasures: () => listErasures(core),
      droppedEntries: (after) => droppedEntries(core, after),
      lastSweep: () => lastSweep(core),
      tidied,
    },
    look,
    async stop() {
      isStopped = true
      stopListening()
      await turn(async () => undefined)
    },
  }
}
