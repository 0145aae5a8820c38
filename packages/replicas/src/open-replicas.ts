import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { check } from './check.ts'
import type { ReplicaInit, ReplicasComponents } from './components.ts'
import { deviceOf, type ReplicaContext } from './context.ts'
import { forget } from './forget.ts'
import { inTurn } from './in-turn.ts'
import { addToMemory, decodeMemory, encodeMemory, raiseCounter, readMemory } from './memory.ts'
import { openingName } from './object-name.ts'
import { sealOpening } from './opening.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import { repair } from './repair.ts'
import type { Replica, Replicas } from './replica.ts'
import { replicaKeys } from './replica-keys.ts'
import { putBytesChecked } from './transfer.ts'
import { placeOf } from './write-head.ts'

/** The replicas of the vault whose log and keyring these are, written to by this device. */
export function openReplicas(components: ReplicasComponents): Replicas {
  // One count for all replicas: an anchor's number says which of two a device wrote later, wherever it left them.
  const turn = inTurn()
  const nextCounter = (atLeast: number): Promise<number> =>
    turn(() => raiseCounter(components.store, atLeast))
  return { open: (init) => openReplica(contextOf(components, { ...init, nextCounter })) }
}

function contextOf(
  components: ReplicasComponents,
  { storage, secret, nextCounter }: ReplicaInit & Pick<ReplicaContext, 'nextCounter'>,
): ReplicaContext {
  return {
    components,
    cryptography: components.cryptography,
    storage,
    secret,
    keys: replicaKeys(components.cryptography, secret),
    device: deviceOf(components),
    knownIndexes: new Map(),
    settled: new Set(),
    removed: new Set(),
    nextCounter,
  }
}

function openReplica(context: ReplicaContext): Replica {
  const { components, keys } = context
  const { cryptography, log } = components
  const turn = inTurn()
  return {
    id: keys.id,
    push: (options = {}) => turn(() => push(context, options)),
    pull: (options = {}) => turn(() => pull(context, options)),
    check: (options = {}) => turn(() => check(context, options)),
    repair: (options = {}) => turn(() => repair(context, options)),
    forget: (entries, options = {}) => turn(() => forget(context, entries, options)),
    admit: (recoveryKeys, options = {}) =>
      turn(async () => {
        const [size] = REPLICA_OBJECT_SIZES
        const opening = sealOpening(components, { size, secret: context.secret, recoveryKeys })
        await putBytesChecked(context, openingName(cryptography, keys), opening, options)
      }),
    async memory() {
      const seen = await readMemory(components, placeOf(context))
      return seen.size === 0 ? undefined : encodeMemory(seen)
    },
    async remember(memory) {
      const anchors = decodeMemory(cryptography, log.vault, memory)
      await addToMemory(components, { ...placeOf(context), isHeard: true }, anchors.values())
    },
  }
}
