import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { MunimentError } from '@muniment/interface'

/** The longest path a Unix socket may have (sun_path of Linux has 108 bytes, of macOS 104). */
const MAX_SOCKET_PATH = 100

/**
 * Where the owner of a folder listens: inside the folder, or for a long path in a private folder under the system's
 * temporary one. Throws `ERR_STORE_NOT_WRITABLE` when somebody else made that private folder first.
 */
export function socketPath(folder: string): string {
  const inside = join(resolve(folder), 'owner.sock')
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) return inside
  const { uid } = userInfo()
  const shared = join(tmpdir(), `muniment-${uid}`)
  mkdirSync(shared, { recursive: true, mode: 0o700 })
  const { mode, uid: owner } = lstatSync(shared)
  if (owner !== uid || (mode & 0o077) !== 0) {
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', 'the folder for local sockets belongs to somebody else')
  }
  return join(shared, createHash('sha256').update(inside).digest('hex').slice(0, 24))
}
