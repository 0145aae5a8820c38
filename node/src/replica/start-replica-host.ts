import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromCanonical, toCanonical } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { createNetwork } from '../network/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { makeFolder, replaceFile } from '../store/index.ts'
import { capabilityLink } from './capability.ts'
import type { Grant } from './kept-grants.ts'
import { openReplicaHost, type ReplicaHost } from './replica-host.ts'
import { REPLICA_PROTOCOL } from './replica-protocol.ts'

/** A host of replicas that can be reached. */
export interface RunningHost {
  readonly host: ReplicaHost
  /** Multiaddrs that end in its peer id; the port stays from one start to the next. */
  addresses(): readonly string[]
  /** What a grant is handed out as. */
  link(grant: Grant): string
  stop(): Promise<void>
}

/** Settings of a host that runs. */
export interface StartHostInit {
  /** The folder that is the host's own: its network key and all that it keeps. */
  readonly folder: string
  /** Multiaddrs to listen on; by default those of last time; the first time `MUNIMENT_LISTEN`, or all. */
  readonly listen?: readonly string[]
}

const FILE = 'host'
const KEY_LENGTH = 32
const ANYWHERE = '/ip4/0.0.0.0/tcp/0'
/** Addresses in a link. */
const MAX_ADDRESSES = 16

interface HostFile {
  readonly key: Uint8Array
  readonly listen: readonly string[]
}

const schema = v.strictObject({
  v: v.literal(1),
  key: v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === KEY_LENGTH),
  listen: v.array(v.string()),
})

/**
 * Starts the host that a folder keeps, or makes one in an empty folder. Throws `ERR_ALREADY_EXISTS` for a folder of
 * something else, `ERR_STORE_DAMAGED`, and `ERR_UNREACHABLE` when it cannot listen. One process at a time.
 */
export async function startReplicaHost({ folder, listen }: StartHostInit): Promise<RunningHost> {
  const kept = (await readHostFile(folder)) ?? (await newHost(folder))
  const chosen = listen ?? kept.listen
  const parts = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }
  const host = await openReplicaHost({ folder, ...parts })
  const network = await createNetwork({ transportKey: kept.key, listen: chosen, clock: nodeClock })
  await network.serve(REPLICA_PROTOCOL, (channel) => host.serve(channel))
  await writeHostFile(folder, { key: kept.key, listen: withPort(chosen, network.addresses()) })
  return {
    host,
    addresses: () => network.addresses(),
    link: ({ id, key }) =>
      capabilityLink({
        addresses: network.addresses().slice(0, MAX_ADDRESSES),
        id: new Uint8Array(Buffer.from(id, 'hex')),
        key,
      }),
    async stop() {
      await host.close()
      await network.stop()
    },
  }
}

async function readHostFile(folder: string): Promise<HostFile | undefined> {
  const bytes = await readFile(join(folder, FILE)).catch(() => undefined)
  if (!bytes) return undefined
  const parsed = v.safeParse(schema, fromCanonical(new Uint8Array(bytes)))
  if (parsed.success) return parsed.output
  throw new MunimentError('ERR_STORE_DAMAGED', 'the file with the key of this host is damaged')
}

async function newHost(folder: string): Promise<HostFile> {
  await makeFolder(folder)
  const others = (await readdir(folder)).filter((name) => !name.startsWith('.') && !name.endsWith('.sock'))
  if (others.length > 0) {
    throw new MunimentError('ERR_ALREADY_EXISTS', 'this folder holds something else: a host needs its own')
  }
  return { key: nodeRandom(KEY_LENGTH), listen: [process.env['MUNIMENT_LISTEN'] ?? ANYWHERE] }
}

async function writeHostFile(folder: string, { key, listen }: HostFile): Promise<void> {
  await replaceFile(join(folder, FILE), toCanonical({ v: 1, key, listen }))
}

/** The port that the system chose is the one to listen on next time, for links that were handed out name it. */
function withPort(listen: readonly string[], addresses: readonly string[]): readonly string[] {
  const port = /\/tcp\/(\d+)/u.exec(addresses[0] ?? '')?.[1]
  return port === undefined
    ? listen
    : listen.map((address) => address.replace(/\/tcp\/0(?=\/|$)/u, `/tcp/${port}`))
}
