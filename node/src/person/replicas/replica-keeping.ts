import { nodeClock } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { concernsReplicas } from './replica-entries.ts'
import { keepReplicas, type ReplicaKeeper } from './replica-keeper.ts'
import type { ReplicaStates } from './replica-states.ts'

/** Keeping the replicas of a vault up to date by itself, while it is online. */
export interface ReplicaKeeping {
  start(): void
  stop(): Promise<void>
}

/** Watches log, keyring and list of replicas, and pushes. */
export function replicaKeeping({ log, keyring, vault }: PersonParts, states: ReplicaStates): ReplicaKeeping {
  let keeper: ReplicaKeeper | undefined
  let stops: readonly (() => void)[] = []
  return {
    start() {
      if (keeper) return
      const started = keepReplicas({
        clock: nodeClock,
        replicas: async () => (await states.entries()).map(({ id }) => id),
        isDue: (id) => states.isDue(id),
        async push(id, signal) {
          const entry = (await states.entries()).find((one) => one.id === id)
          if (entry) await states.push(entry, { signal })
        },
      })
      keeper = started
      stops = [
        log.onAppend(() => started.changed()),
        keyring.onChange(() => started.changed()),
        vault.observe(({ settings = [] }) => {
          if (concernsReplicas(settings)) started.listChanged()
        }),
      ]
    },
    async stop() {
      const stopped = keeper
      keeper = undefined
      for (const stop of stops) stop()
      stops = []
      await stopped?.stop()
    },
  }
}
