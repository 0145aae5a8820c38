/**
 * Importers of files that people export elsewhere: one folder a format, with how it is recognised, parsed and mapped
 * to records. Bytes come in as a stream and drafts go out in batches; nothing here touches a disk.
 *
 * @example
 * ```ts
 * import { readImport } from '@muniment/importers'
 *
 * const ofx = '<OFX><BANKTRANLIST><STMTTRN><DTPOSTED>20260301<TRNAMT>-12,50<NAME>Bakery</STMTTRN></BANKTRANLIST></OFX>'
 * const bytes = async function* () {
 *   yield new TextEncoder().encode(ofx)
 * }
 * const reading = await readImport(bytes(), { fileName: 'march.ofx' })
 * for await (const drafts of reading) console.log(drafts[0]?.title) // Bakery
 * console.log(reading.report().total) // { XXX: '-12.50' }
 * ```
 * @packageDocumentation
 */
export {
  HEAD_BYTES,
  MAX_DEPTH,
  MAX_DETAILS,
  MAX_DETAILS_BYTES,
  MAX_FIELDS_BYTES,
  MAX_FILE_BYTES,
  MAX_RECORD_ELEMENTS,
  MAX_RECORD_TEXT,
  MAX_REPORTED,
  MAX_ROWS,
  MAX_TEXT_LENGTH,
  MAX_TITLE_LENGTH,
  MAX_TOKEN_LENGTH,
} from './constants.ts'
export {
  FINGERPRINT_VERSION,
  fingerprintFields,
  type ImportFingerprint,
  importFingerprint,
} from './fingerprint-fields.ts'
export type { Importer, ImportParser, ImportReport, ImportSink, Skipped, StatedBalance } from './importer.ts'
export { importers, type Importers, type Recognised } from './importers.ts'
export { type ImportReading, readImport } from './read-import.ts'
