import { open, readFile } from 'node:fs/promises'

/** What a disk gives or refuses at once. */
const PIECE = 4096

/** The bytes of a file, with zeros in place of what the disk refuses to give; `undefined` when there is no such file. */
export async function readAsFarAsPossible(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    if (code === 'ENOENT') return undefined
    if (code !== 'EIO') throw error
    return readPieces(path)
  }
}

async function readPieces(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array((await file.stat()).size)
    for (let at = 0; at < bytes.length; at += PIECE) {
      await file.read(bytes, at, Math.min(PIECE, bytes.length - at), at).catch(() => undefined)
    }
    return bytes
  } finally {
    await file.close()
  }
}
