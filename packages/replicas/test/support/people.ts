import { base64url, utf8 } from '@muniment/crypto'
import type { DeviceId, KeyId, Random, ReplicaStorage, Signer, Store } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import { openReplicas, type Replica } from '../../src/index.ts'

export const cryptography: typeof nodeCryptography = nodeCryptography

/** Somebody's vault: its devices, and the keys that all of them have. */
export interface Person {
  readonly vault: string
  readonly members: Set<DeviceId>
  readonly key: KeyId
  device(init?: DeviceInit): Promise<Device>
}

/** How a device is made. */
export interface DeviceInit {
  /** Another device whose signing key it has, as a thief's copy does. */
  readonly twinOf?: Device
  /** Where its rows are; in memory unless told. */
  readonly store?: Store
}

/** A device with its log, and a keyring that is a number of bytes. */
export interface Device {
  readonly id: DeviceId
  readonly signer: Signer
  readonly log: Log
  readonly store: Store
  readonly keyring: { held: Uint8Array | undefined }
  /** Sizes of random entries that are written. */
  write(...sizes: readonly number[]): Promise<void>
  note(text: string): Promise<void>
  replica(storage: ReplicaStorage, secret: Uint8Array): Replica
}

export function person({ random = nodeRandom }: { readonly random?: Random } = {}): Person {
  const key = base64url(random(16))
  const secret = random(32)
  const members = new Set<DeviceId>()
  const vault = base64url(random(32))
  const epoch = base64url(random(32))
  const dataKeys = {
    get: () => secret,
    isErased: () => false,
    isCurrent: () => true,
    create: async () => [key],
  }
  const parts = { cryptography, random, clock: nodeClock, dataKeys }
  return {
    vault,
    members,
    key,
    async device({ twinOf, store: given } = {}) {
      const store = given ?? (await openMemoryStore({ key: random(32), ...parts }))
      const signer = twinOf?.signer ?? cryptography.signer(cryptography.generateKeyPair('Ed25519'))
      const id = base64url(signer.publicKey.bytes)
      members.add(id)
      const isMember = (device: DeviceId): boolean => members.has(device)
      const log = await openLog(
        { ...parts, store, members: { isMember }, signer },
        { vault, epoch: () => epoch },
      )
      log.knownOffline()
      const keyring: { held: Uint8Array | undefined } = { held: undefined }
      const roster = { isMember, epoch: () => epoch }
      const merging = {
        bytes: () => keyring.held,
        async merge(bytes: Uint8Array) {
          keyring.held = bytes.length > (keyring.held?.length ?? 0) ? bytes.slice() : keyring.held
          return { ok: true } as const
        },
      }
      const replicas = openReplicas({ ...parts, log, store, signer, roster, keyring: merging })
      return {
        id,
        signer,
        log,
        store,
        keyring,
        async write(...sizes) {
          for (const size of sizes) await log.append([{ kind: 'segment', body: random(size), key }])
        },
        async note(text) {
          await log.append([{ kind: 'settings', body: utf8(text), key }])
        },
        replica: (storage, secret) => replicas.open({ storage, secret }),
      }
    },
  }
}
