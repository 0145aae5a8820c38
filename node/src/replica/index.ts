/**
 * Places for replicas: a folder, a folder on a WebDAV server, a bucket of an S3-compatible storage.
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
export { openS3Replica, type S3ReplicaInit } from './s3-replica.ts'
export { openWebdavReplica, type WebdavReplicaInit } from './webdav-replica.ts'
