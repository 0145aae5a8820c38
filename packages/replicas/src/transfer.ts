import { sameBytes } from '@muniment/crypto'
import { isMunimentError, MunimentError, type ReplicaCallOptions } from '@muniment/interface'
import { type Content, decodeContent } from './content.ts'
import type { ReadContext, ReplicaContext } from './context.ts'
import { openObject, type SealedContent, sealObject } from './sealed-object.ts'

/** Times that an object is written before the replica counts as one that does not keep what it is given. */
const WRITES = 2

/** What was found under a name. */
export type Fetched = Content | 'missing' | 'damaged'

/** Fetches an object and opens it. Nothing that the storage can do makes it more than missing or damaged. */
export async function fetchObject(
  { storage, keys, cryptography }: ReadContext,
  name: string,
  options: ReplicaCallOptions,
): Promise<Fetched> {
  try {
    const bytes = await storage.get(name, options)
    return bytes ? decodeContent(openObject(cryptography, keys, name, bytes)) : 'missing'
  } catch (error) {
    if (isMunimentError(error, 'ERR_REPLICA_DAMAGED') || isMunimentError(error, 'ERR_MALFORMED'))
      return 'damaged'
    throw error
  }
}

/** Seals content, writes it, reads it back and compares. Throws `ERR_REPLICA_DAMAGED` when it does not come back. */
export async function putChecked(
  context: ReplicaContext,
  sealed: SealedContent,
  options: ReplicaCallOptions,
): Promise<number> {
  return putBytesChecked(context, sealed.name, sealObject(context.components, context.keys, sealed), options)
}

/** As {@link putChecked}, for bytes as they are. Gives their number. */
export async function putBytesChecked(
  { storage, removed }: Pick<ReplicaContext, 'storage' | 'removed'>,
  name: string,
  bytes: Uint8Array,
  options: ReplicaCallOptions,
): Promise<number> {
  removed.delete(name)
  for (let write = 0; write < WRITES; write++) {
    await storage.put(name, bytes, options)
    if (await isKept(storage, { name, bytes }, options)) return bytes.length
  }
  throw new MunimentError('ERR_REPLICA_DAMAGED', 'the replica does not give back what was just written to it')
}

async function isKept(
  storage: ReadContext['storage'],
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  options: ReplicaCallOptions,
): Promise<boolean> {
  try {
    const back = await storage.get(name, options)
    return back !== undefined && sameBytes(back, bytes)
  } catch (error) {
    if (isMunimentError(error, 'ERR_REPLICA_DAMAGED')) return false
    throw error
  }
}

/** Removes objects, once each. Gives how many. A storage that lets nobody remove anything is not asked further. */
export async function removeObjects(
  { storage, removed }: Pick<ReplicaContext, 'storage' | 'removed'>,
  names: Iterable<string>,
  options: ReplicaCallOptions & { readonly isRequired?: boolean },
): Promise<number> {
  let count = 0
  for (const name of names) {
    if (removed.has(name)) continue
    try {
      await storage.delete(name, options)
    } catch (error) {
      if (options.isRequired === true || !isMunimentError(error, 'ERR_REPLICA_REFUSED')) throw error
      return count
    }
    removed.add(name)
    count++
  }
  return count
}
