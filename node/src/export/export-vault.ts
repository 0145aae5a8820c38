import { nodeClock } from '../platform/index.ts'
import type { ArchiveFile, Counted } from './archive-file.ts'
import { type ArchiveKeys, archiveEncryption } from './archive-keys.ts'
import { packArchive } from './pack-archive.ts'
import { type ExportedVault, vaultFiles } from './vault-files.ts'
import { withManifest } from './with-manifest.ts'
import { writeNewFile } from './write-new-file.ts'

/** How far an export is. */
export interface ExportProgress {
  /** The file of the archive that was added. */
  readonly file: string
  /** Bytes of all files so far, before encryption. */
  readonly bytes: number
}

/** Settings of an export. */
export interface ExportSettings {
  /** What will open the archive. */
  readonly keys: ArchiveKeys
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined
}

/** What an archive holds. */
export interface ExportReport extends Readonly<Record<Counted, number>> {
  readonly path: string
  /** Bytes of the archive. */
  readonly bytes: number
  /** Files in it. */
  readonly files: number
}

/**
 * Writes everything a vault holds into a new archive: a tar of open files, encrypted by age. The plain bytes are never
 * on disk, and little of them in memory at a time.
 */
export async function exportVault(
  vault: ExportedVault,
  path: string,
  { keys, signal, onProgress }: ExportSettings,
): Promise<ExportReport> {
  const encrypt = archiveEncryption(keys)
  const at = new Date(nodeClock.now())
  const { vaultId, deviceId } = vault
  const counts = { files: 0, records: 0, ledgerEntries: 0, copies: 0 }
  let written = 0
  const count = ({ path: file, bytes, holds }: ArchiveFile): void => {
    counts.files++
    if (holds) counts[holds.what] += holds.count
    written += bytes.length
    onProgress?.({ file, bytes: written })
  }
  const files = withManifest(vaultFiles(vault), { vaultId, deviceId, exportedAt: at.toISOString() })
  const chunks = (): Promise<AsyncIterable<Uint8Array>> => encrypt(packArchive(counted(files, count), at))
  const bytes = await writeNewFile(path, chunks, { signal })
  return { path, bytes, ...counts }
}

async function* counted(
  files: AsyncIterable<ArchiveFile>,
  count: (file: ArchiveFile) => void,
): AsyncGenerator<ArchiveFile> {
  for await (const file of files) {
    yield file
    count(file)
  }
}
