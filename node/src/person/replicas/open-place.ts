import { stat } from 'node:fs/promises'
import { MunimentError, type ReplicaStorage } from '@muniment/interface'
import { openFolderReplica, openPeerReplica, openS3Replica, openWebdavReplica } from '../../replica/index.ts'
import type { ReplicaPlace } from './replica-place.ts'

/**
 * Opens the storage of a place. A folder is made only where `isNew` says so: one that is missing later is a disk that is
 * not plugged in, or a folder of another device. Throws `ERR_REPLICA_UNREACHABLE`, `ERR_REPLICA_REFUSED`.
 */
export async function openPlace(
  place: ReplicaPlace,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<ReplicaStorage> {
  if (place.kind === 'webdav') return openWebdavReplica(place)
  if (place.kind === 'peer') return openPeerReplica({ capability: place.link })
  if (place.kind === 's3') return openS3Replica(place)
  if (!isNew && !(await isFolder(place.folder))) {
    throw new MunimentError('ERR_REPLICA_UNREACHABLE', `the folder ${place.folder} is not there`)
  }
  return openFolderReplica({ folder: place.folder })
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
