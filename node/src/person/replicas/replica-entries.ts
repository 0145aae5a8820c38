import { base64url, fromBase64url } from '@muniment/crypto'
import type { DeviceId, Milliseconds } from '@muniment/interface'
import type { Vault } from '@muniment/vault'
import * as v from 'valibot'
import { parsePlace, type ReplicaPlace } from './replica-place.ts'

const ENTRY = 'replica/'
const SEEN = 'replica-seen/'
const SECRET = /^[\w-]{43}$/u

/** A replica as the vault's devices know it. */
export interface ReplicaEntry {
  /** 22 characters, derived from the secret. */
  readonly id: string
  readonly name: string
  /** `undefined` for a kind of place that this version does not know. */
  readonly place: ReplicaPlace | undefined
  /** 32 bytes. */
  readonly secret: Uint8Array
  readonly addedAt: Milliseconds
}

const schema = v.strictObject({
  v: v.literal(1),
  name: v.pipe(v.string(), v.maxLength(256)),
  place: v.unknown(),
  secret: v.pipe(v.string(), v.regex(SECRET)),
  addedAt: v.pipe(v.number(), v.safeInteger()),
})
const json = v.pipe(v.string(), v.parseJson(), schema)

/** The replicas of the vault, the oldest first. An entry that does not read is passed over. */
export async function readReplicaEntries(vault: Vault): Promise<readonly ReplicaEntry[]> {
  const settings = await vault.settings(ENTRY)
  const entries = [...settings].flatMap(([name, value]): ReplicaEntry[] => {
    const parsed = v.safeParse(json, value)
    if (!parsed.success) return []
    const { secret, place, ...entry } = parsed.output
    const id = name.slice(ENTRY.length)
    return [
      {
        id,
        name: entry.name,
        addedAt: entry.addedAt,
        place: parsePlace(place),
        secret: fromBase64url(secret),
      },
    ]
  })
  return entries.sort((a, b) => a.addedAt - b.addedAt || (a.id < b.id ? -1 : 1))
}

/** Writes what opens a replica into a sealed setting, so that every device keeps it up to date. */
export async function writeReplicaEntry(
  vault: Vault,
  { id, name, place, secret, addedAt }: ReplicaEntry & { readonly place: ReplicaPlace },
): Promise<void> {
  const said = { v: 1, name, place, secret: base64url(secret), addedAt }
  await vault.putSetting(ENTRY + id, JSON.stringify(said))
}

/** Takes a replica out of the vault, with what devices told each other of it. */
export async function removeReplicaEntry(vault: Vault, id: string): Promise<void> {
  for (const name of (await vault.settings(`${SEEN}${id}/`)).keys()) await vault.putSetting(name, undefined)
  await vault.putSetting(ENTRY + id, undefined)
}

/** True when what changed concerns the list of replicas. */
export function concernsReplicas(settings: readonly string[]): boolean {
  return settings.some((name) => name.startsWith(ENTRY))
}

/** What the other devices say that they saw at a replica. */
export async function readSeenThere(vault: Vault, id: string): Promise<readonly Uint8Array[]> {
  const told = await vault.settings(`${SEEN}${id}/`)
  return [...told.values()].flatMap((value) => (typeof value === 'string' ? [fromBase64url(value)] : []))
}

/** Tells the other devices what this one saw at a replica. */
export async function tellSeenThere(
  vault: Vault,
  { id, device, seen }: { readonly id: string; readonly device: DeviceId; readonly seen: Uint8Array },
): Promise<void> {
  await vault.putSetting(`${SEEN}${id}/${device}`, base64url(seen))
}
