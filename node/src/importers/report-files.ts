import { base64url, toCanonical } from '@muniment/crypto'
import { importFingerprint, type Skipped } from '@muniment/importers'
import { isMunimentError, type RecordDraft } from '@muniment/interface'
import { nodeCryptography } from '../platform/index.ts'
import { importFile } from './import-file.ts'

/** What one file would bring in. */
export interface FileReport {
  readonly [name: string]: string | number | readonly string[] | readonly Row[] | Row | undefined
  readonly path: string
  /** Absent when the file was refused. */
  readonly format?: string
  readonly imported: number
  /** Records that an earlier file of the same call holds already. */
  readonly duplicates: number
  readonly skipped: readonly (Skipped & Row)[]
  readonly unknown: readonly string[]
  /** For each currency the exact sum of the file's amounts, duplicates included. */
  readonly total: Row
  /** Why the file was refused as a whole, in one sentence, and the stable code of that. */
  readonly error?: string
  readonly code?: string
}

/** Texts by name. */
export interface Row {
  readonly [name: string]: string
}

/** Settings of {@link reportFiles}. */
export interface ReportFilesOptions {
  readonly signal: AbortSignal
  /** Told how far each file is. */
  progress(event: { readonly step: string; readonly done: number; readonly size: number }): void
}

/**
 * Reads files and keeps nothing: what `muniment import --dry-run` says. Duplicates are counted by occurrence between
 * the files, without any vault. A refused file is reported with its error and the others are still read; throws
 * `ERR_ABORTED` by the signal.
 */
export async function reportFiles(
  paths: readonly string[],
  options: ReportFilesOptions,
): Promise<{ readonly files: readonly FileReport[] }> {
  const held = new Map<string, number>()
  const files: FileReport[] = []
  for (const path of paths) files.push(await reportFile(path, held, options))
  return { files }
}

async function reportFile(
  path: string,
  held: Map<string, number>,
  options: ReportFilesOptions,
): Promise<FileReport> {
  try {
    const file = await importFile(path, {
      signal: options.signal,
      onProgress: ({ bytes, size }) => options.progress({ step: 'import', done: bytes, size }),
    })
    const { imported, duplicates } = await countNew(file.drafts(), held)
    const { skipped, unknown, total } = file.report()
    const lines = skipped.map(({ where, reason }) => ({ where, reason }))
    return { path, format: file.format, imported, duplicates, skipped: lines, unknown, total }
  } catch (error) {
    if (!isMunimentError(error) || error.code === 'ERR_ABORTED') throw error
    const { code, message } = error
    return { path, imported: 0, duplicates: 0, skipped: [], unknown: [], total: {}, error: message, code }
  }
}

/** Counts as a vault does: what is in a file n times is new only as often as no earlier file had it. */
async function countNew(
  drafts: AsyncIterable<RecordDraft>,
  held: Map<string, number>,
): Promise<{ imported: number; duplicates: number }> {
  const here = new Map<string, number>()
  let imported = 0
  let duplicates = 0
  for await (const draft of drafts) {
    const name = base64url(nodeCryptography.sha256(toCanonical(importFingerprint.of(draft))))
    const count = (here.get(name) ?? 0) + 1
    here.set(name, count)
    if (count <= (held.get(name) ?? 0)) duplicates += 1
    else imported += 1
  }
  for (const [name, count] of here) held.set(name, Math.max(count, held.get(name) ?? 0))
  return { imported, duplicates }
}
