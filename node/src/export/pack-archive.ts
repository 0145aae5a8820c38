import { type Pack, pack } from 'tar-stream'
import type { ArchiveFile } from './archive-file.ts'

/** Only the owner reads and writes what is extracted. */
const FILE_MODE = 0o600

/**
 * Files as the bytes of a tar (POSIX ustar), read one by one as the bytes are taken.
 *
 * @param at - when the files were written, as the tar tells it
 */
export async function* packArchive(files: AsyncIterable<ArchiveFile>, at: Date): AsyncGenerator<Uint8Array> {
  const tar = pack()
  const feeding = feed(tar, files, at).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : undefined)
  })
  try {
    for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk
  } finally {
    tar.destroy()
    await feeding
  }
}

async function feed(tar: Pack, files: AsyncIterable<ArchiveFile>, at: Date): Promise<void> {
  for await (const { path, bytes } of files) {
    await new Promise<void>((resolve, reject) => {
      const header = { name: path, size: bytes.length, mode: FILE_MODE, mtime: at }
      tar.entry(header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }
  tar.finalize()
}
