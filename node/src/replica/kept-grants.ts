import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromCanonical, toCanonical } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { makeFolder, replaceFile } from '../store/index.ts'
import { GRANT_ID_LENGTH, GRANT_KEY_LENGTH } from './capability.ts'
import { type GrantedSpace, openGrantedSpace } from './granted-space.ts'

/** The leave to keep so many bytes at a host. */
export interface Grant {
  /** 32 hexadecimal digits. */
  readonly id: string
  /** 32 bytes: who proves to have it uses the grant. */
  readonly key: Uint8Array
  /** Bytes of objects. */
  readonly quota: number
  /** What the host's owner calls it. */
  readonly note: string
}

/** A grant with its objects. */
export interface KeptGrant extends Grant {
  readonly space: GrantedSpace
}

/** Characters of a note. */
export const MAX_NOTE = 256

const FILE = 'grant'
const OBJECTS = 'objects'

const schema = v.strictObject({
  v: v.literal(1),
  key: v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === GRANT_KEY_LENGTH),
  quota: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  note: v.pipe(v.string(), v.maxLength(MAX_NOTE)),
})

/** Reads the grants that a host's folder keeps; a grant whose removal was cut off is removed. Throws `ERR_STORE_DAMAGED`. */
export async function readGrants(folder: string): Promise<KeptGrant[]> {
  await makeFolder(folder)
  const grants: KeptGrant[] = []
  for (const id of await readdir(folder)) {
    if (id.length !== GRANT_ID_LENGTH * 2 || !/^[0-9a-f]+$/u.test(id)) continue
    const bytes = await readFile(join(folder, id, FILE)).catch(() => undefined)
    if (!bytes) await rm(join(folder, id), { recursive: true })
    else grants.push(await withSpace(folder, parseGrant(id, bytes)))
  }
  return grants
}

function parseGrant(id: string, bytes: Uint8Array): Grant {
  const parsed = v.safeParse(schema, fromCanonical(new Uint8Array(bytes)))
  if (!parsed.success) throw new MunimentError('ERR_STORE_DAMAGED', `the grant ${id} of this host is damaged`)
  const { key, quota, note } = parsed.output
  return { id, key, quota, note }
}

/** Keeps a grant: its file comes last, so that it is there whole or not at all. */
export async function keepGrant(folder: string, grant: Grant): Promise<KeptGrant> {
  const { id, key, quota, note } = grant
  const kept = await withSpace(folder, grant)
  await replaceFile(join(folder, id, FILE), toCanonical({ v: 1, key, quota, note }))
  return kept
}

async function withSpace(folder: string, grant: Grant): Promise<KeptGrant> {
  return { ...grant, space: await openGrantedSpace(join(folder, grant.id, OBJECTS), grant.quota) }
}

/** Removes a grant, which from then on opens nothing, and all that it keeps. */
export async function removeGrant(folder: string, id: string): Promise<void> {
  await rm(join(folder, id, FILE), { force: true })
  await rm(join(folder, id), { recursive: true, force: true })
}
