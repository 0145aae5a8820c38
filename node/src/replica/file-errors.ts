import { MunimentError } from '@muniment/interface'

/** The system's code of an error, such as `ENOENT`; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'])

/** The file system's errors as those of a replica. */
export async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof MunimentError) throw cause
    const code = codeOf(cause)
    if (FULL.has(code)) {
      throw new MunimentError('ERR_REPLICA_FULL', 'there is no room left where the replica is', { cause })
    }
    if (REFUSED.has(code)) {
      throw new MunimentError('ERR_REPLICA_REFUSED', 'the folder of the replica may not be used', { cause })
    }
    throw new MunimentError('ERR_REPLICA_UNREACHABLE', 'the folder of the replica cannot be reached', {
      cause,
    })
  }
}
