import type { ReplicaState } from './replica-state.ts'

/** Gives up an object: the next head says so, and once that head is kept the object is removed. */
export function giveUp(state: ReplicaState, name: string): void {
  state.packs.delete(name)
  state.dropped.add(name)
  state.givenUp.add(name)
  state.isChanged = true
}
