/**
 * Places for replicas: a folder.
 *
 * @example
 * ```ts
 * import { openFolderReplica } from 'muniment/replicas'
 *
 * const storage = await openFolderReplica({ folder: '/home/ana/Dropbox/vault' })
 * for await (const { name, size } of storage.list('')) console.log(name, size)
 * ```
 * @packageDocumentation
 */
export { openFolderReplica } from './folder-replica.ts'
