import { createHash } from 'node:crypto'
import type { ArchiveFile } from './archive-file.ts'
import { EXPORT_FORMAT, EXPORT_VERSION } from './constants.ts'
import { jsonFile } from './vault-files.ts'

/** What a manifest says of the export as a whole. */
export interface ManifestHead {
  readonly vaultId: string
  /** The device that wrote it. */
  readonly deviceId: string
  /** ISO 8601. */
  readonly exportedAt: string
}

/** The files, and as the last one `manifest.json`, with the length and the SHA-256 (hexadecimal) of each. */
export async function* withManifest(
  files: AsyncIterable<ArchiveFile>,
  head: ManifestHead,
): AsyncGenerator<ArchiveFile> {
  const listed: unknown[] = []
  for await (const file of files) {
    const { path, bytes, holds } = file
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    listed.push({ path, bytes: bytes.length, sha256, ...(holds && { [holds.what]: holds.count }) })
    yield file
  }
  yield jsonFile('manifest.json', {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    ...head,
    files: listed,
  })
}
