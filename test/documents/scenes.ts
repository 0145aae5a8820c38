import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStoreDataKeys } from '@muniment/contract'
import { base64url } from '@muniment/crypto'
import { SYNC_PROTOCOL, syncWith } from '@muniment/sync'
import { createNetwork, memoryChannelPair } from 'muniment/network'
import { nodeCompression as compression } from 'muniment/platform'
import { openFolderReplica } from 'muniment/replicas'
import { memoryKeyring } from 'muniment/store'
import { expect } from 'vitest'
import { anotherDevice, firstDevice, newStore, platform } from './device.ts'

const { clock, cryptography, random } = platform

/** The things that an example takes for granted: the real parts, under the names that it gives them. */
export interface Scene {
  readonly things: Readonly<Record<string, unknown>>
  /** What would happen next, to see that what the example set up works. */
  readonly afterwards?: () => Promise<void>
  readonly close?: () => Promise<void>
}

/** For each document with free names in its examples, how its scene is set. */
const SCENES: Readonly<Record<string, () => Promise<Scene>>> = {
  'README.md': async () => {
    const scene = await folderScene()
    return {
      ...scene,
      things: {
        ...scene.things,
        claims: readJson('02-issue-address/address.json'),
        terms: readJson('03-prove-address/terms.json'),
      },
    }
  },
  'node/src/index.ts': async () => {
    const { things, ...scene } = await folderScene()
    return { ...scene, things: { folder: `${String(things['folder'])}/laptop` } }
  },
  'node/src/export/index.ts': folderScene,
  'packages/devices/src/index.ts': pairingScene,
  'packages/log/src/index.ts': logScene,
  'packages/replicas/src/index.ts': replicaScene,
  'packages/sync/src/index.ts': syncScene,
  'packages/vault/src/index.ts': vaultScene,
}

/** Sets the scene of a document's examples; nothing is in it when they stand alone. */
export async function setScene(path: string): Promise<Scene> {
  return (await SCENES[path]?.()) ?? { things: {} }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8'))
}

async function folderScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-documents-'))
  return { things: { folder }, close: () => rm(folder, { recursive: true, force: true }) }
}

async function pairingScene(): Promise<Scene> {
  const { roster, keyring, transport } = await firstDevice()
  const [laptopChannel, phoneChannel] = memoryChannelPair({ peers: [transport, 'peer-phone'] })
  const screens: string[] = []
  return {
    things: {
      ...platform,
      roster,
      keyring,
      laptopChannel,
      phoneChannel,
      keyringFile: memoryKeyring(),
      store: await newStore(),
      addresses: [],
      ask: async (question: string) => screens.push(question) > 0,
    },
    async afterwards() {
      expect(screens).toHaveLength(2)
      expect(screens[0]).toBe(screens[1])
    },
  }
}

async function logScene(): Promise<Scene> {
  const store = await newStore()
  const keyPair = cryptography.generateKeyPair('Ed25519')
  const device = base64url(keyPair.publicKey.bytes)
  return {
    things: {
      ...platform,
      store,
      dataKeys: await openStoreDataKeys({ store, random }),
      members: { isMember: (id: string) => id === device },
      signer: cryptography.signer(keyPair),
      vault: base64url(random(32)),
      epoch: base64url(random(32)),
    },
  }
}

async function vaultScene(): Promise<Scene> {
  const { log, keyring: dataKeys, store, keys, roster } = await firstDevice()
  const clientIdOf = (id: string): number | undefined => roster.device(id)?.clientId
  return { things: { ...platform, compression, log, dataKeys, store, device: keys.id, clientIdOf } }
}

/** A laptop with a real folder beside it, in which something lies once the example has run. */
async function replicaScene(): Promise<Scene> {
  const laptop = await firstDevice()
  const folder = await mkdtemp(join(tmpdir(), 'muniment-documents-'))
  const storage = await openFolderReplica({ folder })
  return {
    things: { ...platform, ...laptop, storage },
    async afterwards() {
      expect(await Array.fromAsync(storage.list(''))).not.toHaveLength(0)
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A laptop that is about to serve, and a phone that dials it afterwards and gets what the laptop has. */
async function syncScene(): Promise<Scene> {
  const laptop = await firstDevice()
  const phone = await anotherDevice(laptop)
  const { transportKey } = laptop
  const network = await createNetwork({ transportKey, listen: ['/ip4/127.0.0.1/tcp/0'], clock })
  const dialling = await createNetwork({ transportKey: phone.transportKey, clock })
  const { log, roster, keyring, signer } = laptop
  return {
    things: { ...platform, network, log, roster, keyring, signer },
    async afterwards() {
      const channel = await dialling.dial(network.addresses()[0] ?? '', SYNC_PROTOCOL)
      const enough = new AbortController()
      await syncWith(
        channel,
        { ...platform, ...phone },
        {
          signal: enough.signal,
          onProgress: ({ received, expected }) => received === expected && enough.abort(),
        },
      )
      expect(phone.roster.devices().map(({ name }) => name)).toEqual(['Laptop', 'Phone'])
    },
    close: async () => void (await Promise.all([network.stop(), dialling.stop()])),
  }
}
