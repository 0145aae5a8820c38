import { open } from 'node:fs/promises'

/** Writes a file and waits until it is on disk. */
export async function writeDurably(path, parts) {
  const file = await open(path, 'w')
  try {
    for (const part of parts) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
}
