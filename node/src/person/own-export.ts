import { type ExportedVault, type ExportReport, type ExportSettings, exportVault } from '../export/index.ts'

/** Leaving with everything. */
export interface OwnExport {
  /**
   * Writes everything that this vault holds into a new file, as open files in one archive that the program `age` opens.
   * No private key is in it. Throws `ERR_ALREADY_EXISTS`, `ERR_NOT_FOUND` without the folder, `ERR_INVALID_ARGUMENT` for
   * keys that age does not know, `ERR_STORE_FULL`, `ERR_STORE_NOT_WRITABLE`, `ERR_LEDGER_BROKEN` and `ERR_ABORTED`;
   * nothing of it is left then.
   */
  export(path: string, settings: ExportSettings): Promise<ExportReport>
}

/** The export of a vault. */
export function ownExport(vault: ExportedVault): OwnExport {
  return { export: (path, settings) => exportVault(vault, path, settings) }
}
