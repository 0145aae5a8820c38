import {
  MunimentError,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import { MAX_LISTED } from './constants.ts'

const NAME = /^[0-9a-f]{64}$/u

/**
 * The objects that a storage lists, taken as what they are: the word of somebody who is trusted with nothing. What has
 * not the form of a name, or was not asked for, is passed over. Throws `ERR_REPLICA_DAMAGED` for a listing without end.
 */
export async function* listing(
  storage: ReplicaStorage,
  prefix: string,
  options: ReplicaCallOptions,
): AsyncGenerator<ReplicaObject> {
  let count = 0
  for await (const object of storage.list(prefix, options)) {
    if (++count > MAX_LISTED) {
      throw new MunimentError('ERR_REPLICA_DAMAGED', 'the listing of the replica does not end')
    }
    if (NAME.test(object.name) && object.name.startsWith(prefix)) yield object
  }
}
