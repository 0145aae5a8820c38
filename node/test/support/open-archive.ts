import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Decrypter } from 'age-encryption'
import { extract } from 'tar-stream'

/** The files of an archive, in order, opened with an age identity or a passphrase. */
export async function openArchive(
  path: string,
  keys: { readonly identity: string } | { readonly passphrase: string },
): Promise<ReadonlyMap<string, string>> {
  const decrypter = new Decrypter()
  if ('identity' in keys) decrypter.addIdentity(keys.identity)
  else decrypter.addPassphrase(keys.passphrase)
  const tar = await decrypter.decrypt(new Uint8Array(await readFile(path)))
  const files = new Map<string, string>()
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    files.set(entry.header.name, await text(entry))
  }
  return files
}

/** The lines of all parts of a file of JSON lines. */
export function linesOf(files: ReadonlyMap<string, string>, name: string): readonly unknown[] {
  const parts = [...files].filter(([path]) => path === `${name}.jsonl` || path.startsWith(`${name}.`))
  return parts.flatMap(([, lines]) => lines.trimEnd().split('\n')).map((line): unknown => JSON.parse(line))
}

/** SHA-256, hexadecimal. */
export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
