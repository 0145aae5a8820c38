import { importFingerprint, type ImportReport } from '@muniment/importers'
import type { DeviceId } from '@muniment/interface'
import type { Erasure, ImportProgress, ImportSummary } from '@muniment/vault'
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
  /**
   * Erases an import with the edits of its records, for good: it cannot be taken back. Its bytes have left this device
   * when this resolves, and leave each other device when that hears of it. Throws `ERR_NOT_FOUND`.
   */
  eraseImport(importId: string): Promise<ErasureStatus>
  /** What was asked to be erased, the latest first, with the devices and replicas that it waits for. */
  erasures(): Promise<readonly ErasureStatus[]>
}

/** How far an erasure is. */
export interface ErasureStatus extends Omit<Erasure, 'doneBy'> {
  /** The devices of the vault that have not said yet that nothing of it is left there. */
  readonly waitsFor: readonly WaitingDevice[]
}

/** A device that has not carried out an erasure yet. */
export interface WaitingDevice {
  readonly id: DeviceId
  readonly name: string
}

/** The imports of a vault. */
export function ownImports({ roster, vault }: PersonParts, writable: () => Promise<void>): OwnImports {
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
    async eraseImport(importId) {
      await writable()
      return erasureStatus(roster, await vault.eraseImport(importId))
    },
    erasures: async () => vault.erasures().map((erasure) => erasureStatus(roster, erasure)),
  }
}

function erasureStatus(roster: PersonParts['roster'], { doneBy, ...erasure }: Erasure): ErasureStatus {
  const done = new Set(doneBy)
  const waitsFor = roster
    .devices()
    .filter(({ id }) => !done.has(id))
    .map(({ id, name }) => ({ id, name }))
  return { ...erasure, waitsFor }
}
