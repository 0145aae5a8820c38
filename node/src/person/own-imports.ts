import { importFingerprint, type ImportReport } from '@muniment/importers'
import type { ImportProgress, ImportSummary } from '@muniment/vault'
import { importFile } from '../importers/index.ts'
import type { PersonParts } from './open-parts.ts'

/** What came of importing one file. */
export interface FileReport extends ImportReport {
  readonly importId: string
  readonly imported: number
  readonly duplicates: number
}

/** Settings of an import. */
export interface ImportSettings {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

/** The files that organisations gave the person. */
export interface OwnImports {
  /** Imports a file that an organisation gave the person. Nothing of it shows unless all of it was read. */
  import(path: string, settings?: ImportSettings): Promise<FileReport>
  /** What was imported, the latest first. */
  imports(): readonly ImportSummary[]
  /** Takes an import back, on all devices. Throws `ERR_NOT_FOUND`. */
  undoImport(importId: string): Promise<void>
}

/** The imports of a vault. */
export function ownImports({ vault }: PersonParts, writable: () => Promise<void>): OwnImports {
  return {
    async import(path, { signal, onProgress } = {}) {
      await writable()
      const file = await importFile(path, signal ? { signal } : {})
      try {
        const result = await vault.addImport(file.batches(), {
          file: path.slice(path.lastIndexOf('/') + 1),
          format: file.format,
          fingerprint: importFingerprint,
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        })
        return { ...file.report(), ...result }
      } finally {
        await file.close()
      }
    },
    imports: () => vault.imports(),
    async undoImport(importId) {
      await writable()
      await vault.undoImport(importId)
    },
  }
}
