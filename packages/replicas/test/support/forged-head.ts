import { base64url } from '@muniment/crypto'
import type { ReplicaStorage } from '@muniment/interface'
import { nodeClock, nodeRandom } from 'muniment/platform'
import type { ReplicaContext } from '../../src/context.ts'
import { objectName } from '../../src/object-name.ts'
import { replicaKeys } from '../../src/replica-keys.ts'
import { readState, type ReplicaState } from '../../src/replica-state.ts'
import { writeHead } from '../../src/write-head.ts'
import { cryptography, type Device } from './people.ts'

/** Who writes a head that no honest device would, and to which replica. */
export interface Forger {
  readonly device: Device
  readonly storage: ReplicaStorage
  readonly secret: Uint8Array
}

/** Writes a head as a device that has the replica's secret can: of what is there, and what `change` makes of it. */
export async function forgeHead(
  { device, storage, secret }: Forger,
  change: (state: ReplicaState) => void,
): Promise<void> {
  const roster = { isMember: () => true, epoch: () => base64url(new Uint8Array(32)) }
  const keyring = { bytes: () => undefined, merge: async () => ({ ok: true }) as const }
  const { log, store, signer, id } = device
  const components = {
    log,
    store,
    signer,
    roster,
    keyring,
    cryptography,
    random: nodeRandom,
    clock: nodeClock,
  }
  const context: ReplicaContext = {
    components,
    cryptography,
    storage,
    secret,
    keys: replicaKeys(cryptography, secret),
    device: id,
    knownIndexes: new Map(),
    settled: new Set(),
    removed: new Set(),
    nextCounter: async (atLeast) => atLeast + 1,
  }
  const state = await readState({ ...context, isMember: () => true }, {})
  change(state)
  await writeHead(context, state, {})
}

/** A name that only who has the secret can give, of an object that there is not. */
export function nameOfNothing(secret: Uint8Array): string {
  const keys = replicaKeys(cryptography, secret)
  return objectName(cryptography, keys, { content: nodeRandom(32), isHead: false })
}
