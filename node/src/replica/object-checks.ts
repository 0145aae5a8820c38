import { MunimentError, REPLICA_OBJECT_SIZES, type ReplicaCallOptions } from '@muniment/interface'

const NAME = /^[0-9a-f]{64}$/
const PREFIX = /^[0-9a-f]{0,64}$/

/** True for a name that an object of a replica can have. */
export function isObjectName(name: string): boolean {
  return NAME.test(name)
}

/** Throws `ERR_INVALID_ARGUMENT` for a name that no object of a replica has. */
export function checkName(name: string): void {
  if (!isObjectName(name))
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'an object has a name of 64 digits')
}

/** Throws `ERR_INVALID_ARGUMENT` for a prefix that no name begins with. */
export function checkPrefix(prefix: string): void {
  if (!PREFIX.test(prefix))
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'names begin with hexadecimal digits')
}

/** Throws `ERR_INVALID_ARGUMENT` for bytes of which there are no objects. */
export function checkSize({ length }: Uint8Array): void {
  if (REPLICA_OBJECT_SIZES.includes(length)) return
  throw new MunimentError('ERR_INVALID_ARGUMENT', 'an object of a replica has one of three sizes')
}

/** Throws `ERR_ABORTED` once the call was given up. */
export function refuseAborted({ signal }: ReplicaCallOptions = {}): void {
  if (signal?.aborted === true) throw new MunimentError('ERR_ABORTED', 'this was given up')
}
