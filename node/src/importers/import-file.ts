import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ImportReport, MAX_FILE_BYTES } from '@muniment/importers'
import { MunimentError, type RecordDraft } from '@muniment/interface'
import { STALL_TIMEOUT, TIME_PER_MEBIBYTE } from './constants.ts'
import { type ReaderTalk, readerTalk } from './reader-talk.ts'
import { startReader } from './start-reader.ts'

/** How far an import is. */
export interface ImportProgress {
  readonly bytes: number
  readonly size: number
}

/** Settings of {@link importFile}. */
export interface ImportFileOptions {
  /** Ends the import and its process; the loop then throws `ERR_ABORTED`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
  /** Milliseconds without progress; {@link STALL_TIMEOUT} unless told. */
  readonly stallTimeout?: number
}

/** A file whose format is recognised, ready to be read once. */
export interface FileImport {
  /** The format that the content showed, e.g. `ofx` or `camt.053`. */
  readonly format: string
  /** Bytes of the file. */
  readonly size: number
  /** The records in batches of some hundred. The file is read on only as batches are taken. */
  batches(): AsyncIterable<readonly RecordDraft[]>
  /** The records one by one, as `vault.addImport` takes them. */
  drafts(): AsyncIterable<RecordDraft>
  /** What was understood and what not. Throws `ERR_INVALID_ARGUMENT` before the records were read to their end. */
  report(): ImportReport
  /** Ends the process of an import that is not read to its end. Leaving the loop does it too. */
  close(): Promise<void>
}

/**
 * Opens a file that a person exported elsewhere and reads it in a process of its own, with limits on bytes, rows,
 * depth, memory and time, which is killed at them (threat T10). Nothing is held in memory but the part being read.
 *
 * Throws, here or in the loop: `ERR_NOT_FOUND` when it cannot be read, `ERR_TOO_LARGE` for a file over
 * {@link MAX_FILE_BYTES} or past another limit, `ERR_UNSUPPORTED` for an unknown format, `ERR_MALFORMED` for one that
 * is refused (such as one that declares entities), `ERR_TIMEOUT` without progress or with too little, and `ERR_ABORTED` by the signal.
 */
export async function importFile(path: string, options: ImportFileOptions = {}): Promise<FileImport> {
  const { signal, onProgress, stallTimeout = STALL_TIMEOUT } = options
  const size = await sizeOf(path)
  const talk = readerTalk(startReader(resolve(path)), {
    signal,
    stallTimeout,
    timeout: STALL_TIMEOUT + (TIME_PER_MEBIBYTE * size) / 2 ** 20,
    onProgress: (bytes) => onProgress?.({ bytes, size }),
  })
  const first = await talk.next()
  if (first.type !== 'recognised') throw new MunimentError('ERR_UNSUPPORTED', 'the format is not known')
  let report: ImportReport | undefined
  const batches = (): AsyncIterable<readonly RecordDraft[]> => takeBatches(talk, (told) => (report = told))
  return {
    format: first.format,
    size,
    batches,
    drafts: () => oneByOne(batches()),
    report() {
      if (report !== undefined) return report
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'the report is there once all records were read')
    },
    close: () => talk.end(),
  }
}

async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new MunimentError('ERR_NOT_FOUND', 'the file to import cannot be found or opened', { cause })
  })
  if (!stats.isFile()) throw new MunimentError('ERR_UNSUPPORTED', 'only a regular file can be imported')
  if (stats.size <= MAX_FILE_BYTES) return stats.size
  throw new MunimentError('ERR_TOO_LARGE', `the file has ${stats.size} bytes; the limit is ${MAX_FILE_BYTES}`)
}

async function* takeBatches(
  talk: ReaderTalk,
  done: (report: ImportReport) => void,
): AsyncGenerator<readonly RecordDraft[], void, undefined> {
  try {
    for (;;) {
      const message = await talk.next()
      if (message.type === 'done') {
        done(message.report)
        return
      }
      if (message.type !== 'batch') continue
      yield message.drafts
      talk.readOn()
    }
  } finally {
    await talk.end()
  }
}

async function* oneByOne(
  batches: AsyncIterable<readonly RecordDraft[]>,
): AsyncGenerator<RecordDraft, void, undefined> {
  for await (const drafts of batches) yield* drafts
}
