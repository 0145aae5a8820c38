/**
 * Places for replicas: a folder, a folder on a WebDAV server, a bucket of an S3-compatible storage, a host; and the host,
 * which keeps replicas for vaults that it cannot name.
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
export { capabilityLink, type PeerCapability, readCapabilityLink } from './capability.ts'
export { openFolderReplica } from './folder-replica.ts'
export type { Grant } from './kept-grants.ts'
export { openPeerReplica, type PeerReplicaInit } from './peer-replica.ts'
export { type GrantRow, openReplicaHost, type ReplicaHost, type ReplicaHostInit } from './replica-host.ts'
export { REPLICA_PROTOCOL } from './replica-protocol.ts'
export { openS3Replica, type S3ReplicaInit } from './s3-replica.ts'
export { type RunningHost, startReplicaHost, type StartHostInit } from './start-replica-host.ts'
export { openWebdavReplica, type WebdavReplicaInit } from './webdav-replica.ts'
