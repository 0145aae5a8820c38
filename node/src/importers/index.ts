/**
 * Files that people exported elsewhere, read in a process of their own with limits.
 *
 * @example
 * ```ts
 * import { importFile } from './import-file.ts'
 *
 * const file = await importFile('examples/statement.ofx', { onProgress: ({ bytes, size }) => console.log(bytes / size) })
 * for await (const drafts of file.batches()) console.log(drafts.length)
 * console.log(file.report().total) // { EUR: '1457.28' }
 * ```
 * @packageDocumentation
 */
export { type FileImport, importFile, type ImportFileOptions, type ImportProgress } from './import-file.ts'
export { type FileReport, reportFiles, type ReportFilesOptions, type Row } from './report-files.ts'
