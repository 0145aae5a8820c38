import { base64url, fromBase64url, inDomain } from '@muniment/crypto'
import { type Cryptography, type DeviceId, MunimentError, type Signer } from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import { type Anchor, newestAnchors, readAnchor } from './anchor.ts'
import { HEAD_DOMAIN } from './constants.ts'
import { encodeContent, type HeadContent } from './content.ts'

/** A head that was read: signed by its author, as are the anchors in it. */
export interface ReadHead {
  readonly name: string
  readonly content: HeadContent
  readonly anchors: ReadonlyMap<DeviceId, Anchor>
}

const NO_SIGNATURE = new Uint8Array(64)

/** Signs a head for one replica. */
export async function signHead(
  replica: string,
  signer: Signer,
  content: Omit<HeadContent, 'signature'>,
): Promise<HeadContent> {
  return { ...content, signature: await signer.sign(signedBytes(replica, content)) }
}

/** Checks a head's signature and its anchors'. Throws `ERR_BAD_SIGNATURE`, `ERR_MALFORMED`. */
export function checkHead(
  cryptography: Cryptography,
  replica: string,
  { name, content }: Pick<ReadHead, 'name' | 'content'>,
): ReadHead {
  const key = { algorithm: 'Ed25519', bytes: fromBase64url(content.author) } as const
  if (!cryptography.verify(key, signedBytes(replica, content), content.signature)) {
    throw new MunimentError('ERR_BAD_SIGNATURE', 'a head of the replica is not signed by its author')
  }
  const anchors = content.anchors.map((bytes) => readAnchor(cryptography, content.vault, bytes))
  return { name, content, anchors: newestAnchors(anchors) }
}

/** The signature stands for the replica too: a member cannot carry a head from one replica of the vault to another. */
function signedBytes(replica: string, content: Omit<HeadContent, 'signature'>): Uint8Array {
  const encoded = encodeContent({ ...content, signature: NO_SIGNATURE })
  return inDomain(HEAD_DOMAIN, inDomain(replica, encoded))
}

/** True when all that `one` knows of, `other` knows too, and more. */
export function isOverdue(one: ReadHead, other: ReadHead): boolean {
  let isLess = other.anchors.size > one.anchors.size
  for (const { device, counter } of one.anchors.values()) {
    const theirs = other.anchors.get(device)?.counter ?? 0
    if (theirs < counter) return false
    if (theirs > counter) isLess = true
  }
  return isLess
}

/** The log's heads as a head object carries them. */
export function carriedHeads(heads: Readonly<Record<DeviceId, LogHead>>): HeadContent['heads'] {
  return Object.fromEntries(
    Object.entries(heads).map(([device, { seq, hash }]) => [device, { seq, hash: fromBase64url(hash) }]),
  )
}

/** For each device, the furthest that any of these heads has. */
export function furthestHeads(heads: readonly ReadHead[]): Record<DeviceId, LogHead> {
  const furthest: Record<DeviceId, LogHead> = {}
  for (const { content } of heads) {
    for (const [device, { seq, hash }] of Object.entries(content.heads)) {
      if ((furthest[device]?.seq ?? 0) < seq) furthest[device] = { seq, hash: base64url(hash) }
    }
  }
  return furthest
}
