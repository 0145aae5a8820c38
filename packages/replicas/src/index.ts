/**
 * Replicas: sealed copies of a vault at places that are trusted with nothing, such as a folder that some service syncs, a
 * server, or another person's machine.
 *
 * @example
 * ```ts
 * import { makeReplicaSecret, openReplicas } from '@muniment/replicas'
 *
 * const replicas = openReplicas({ log, keyring, roster, store, signer, cryptography, random, clock })
 * const secret = makeReplicaSecret(random) // kept in the vault, sealed
 * const replica = replicas.open({ storage, secret })
 * await replica.push()
 * const { ok, problems } = await replica.check()
 * ```
 * @packageDocumentation
 */
export { type Anchor, hashOfHeads, readAnchor, unconfirmedSince } from './anchor.ts'
export type { CheckOptions, CheckReport } from './check.ts'
export type {
  ReplicaInit,
  ReplicaKeyring,
  ReplicaLog,
  ReplicaOptions,
  ReplicaProgress,
  ReplicaRoster,
  ReplicasComponents,
} from './components.ts'
export type { ForgottenEntries } from './forget.ts'
export { type LookComponents, lookAtReplica, recoverReplicaSecret, type ReplicaSummary } from './look.ts'
export { openReplicas } from './open-replicas.ts'
export type { PullReport } from './pull.ts'
export type { PushReport } from './push.ts'
export type { Replica, Replicas } from './replica.ts'
export { makeReplicaSecret } from './replica-keys.ts'
