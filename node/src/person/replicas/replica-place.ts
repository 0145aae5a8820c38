import * as v from 'valibot'
import { readCapabilityLink } from '../../replica/capability.ts'

/** A folder, such as one that a drive service syncs or a disk that is plugged in. */
export interface FolderPlace {
  readonly kind: 'folder'
  readonly folder: string
}

/** A folder on a WebDAV server, with a name and password, or a token, or neither. */
export interface WebdavPlace {
  readonly kind: 'webdav'
  /** `https://…` */
  readonly url: string
  readonly username?: string
  readonly password?: string
  readonly token?: string
}

/** A bucket of an S3-compatible storage, and the key to it. */
export interface S3Place {
  readonly kind: 's3'
  /** `https://host/bucket`, and after it what the names of objects are to begin with, if anything. */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Space that somebody's host grants to a vault which it cannot name. */
export interface PeerPlace {
  readonly kind: 'peer'
  /** `muniment:replica?…`, as the host handed it out: whoever has it may use the space. */
  readonly link: string
}

/** Where a replica lies, with what opens it there. */
export type ReplicaPlace = FolderPlace | PeerPlace | S3Place | WebdavPlace

const MAX_TEXT = 4096
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT))
const schema: v.GenericSchema<unknown, ReplicaPlace> = v.variant('kind', [
  v.strictObject({ kind: v.literal('folder'), folder: text }),
  v.strictObject({
    kind: v.literal('webdav'),
    url: text,
    username: v.exactOptional(text),
    password: v.exactOptional(text),
    token: v.exactOptional(text),
  }),
  v.strictObject({
    kind: v.literal('s3'),
    endpoint: text,
    region: text,
    accessKeyId: text,
    secretAccessKey: text,
  }),
  v.strictObject({ kind: v.literal('peer'), link: text }),
])

/** Reads a place; `undefined` for one that this version does not know. */
export function parsePlace(value: unknown): ReplicaPlace | undefined {
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : undefined
}

/** Where it is, as a person reads it: no credentials. */
export function locationOf(place: ReplicaPlace): string {
  if (place.kind === 'folder') return place.folder
  if (place.kind === 'peer') return readCapabilityLink(place.link).addresses[0] ?? ''
  return place.kind === 'webdav' ? place.url : place.endpoint
}

/** What it is called unless a person says otherwise. */
export function usualName(place: ReplicaPlace): string {
  if (place.kind === 'peer') return place.kind
  return (
    locationOf(place)
      .split(/[/\\]/u)
      .findLast((part) => part !== '') ?? place.kind
  )
}
