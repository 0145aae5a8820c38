import { MunimentError, type RecordDraft } from '@muniment/interface'
import { HEAD_BYTES, MAX_FILE_BYTES } from './constants.ts'
import { reportWriter } from './import-report.ts'
import type { ImportReport } from './importer.ts'
import { importers } from './importers.ts'
import { textReader } from './text/text-decoder.ts'

/** A file being imported: its records in batches, in the order of the file. */
export interface ImportReading extends AsyncIterable<readonly RecordDraft[]> {
  /** The format that the content showed, e.g. `ofx` or `camt.053`. */
  readonly format: string
  /** What was understood so far; complete once the loop over the batches has ended. */
  report(): ImportReport
}

/**
 * Recognises a file by its content and reads its records as its bytes come. It holds one part of the file and one
 * transaction in memory, whatever the size of the file.
 *
 * Throws `ERR_UNSUPPORTED` for a format that is not known, and in the loop `ERR_TOO_LARGE` past a limit and
 * `ERR_MALFORMED` for a file that is refused as a whole. A damaged or cut file gives what was whole, and the rest is
 * in the report. The loop can be run once.
 */
export async function readImport(
  bytes: AsyncIterable<Uint8Array>,
  { fileName }: { readonly fileName: string },
): Promise<ImportReading> {
  const source = bytes[Symbol.asyncIterator]()
  const head = await readHead(source)
  const recognised = importers.sniff(head, fileName)
  if (recognised === undefined) {
    await source.return?.()
    throw new MunimentError('ERR_UNSUPPORTED', whyUnknown(head))
  }
  const { importer, format } = recognised
  const writer = reportWriter(format)
  const text = textReader(importer.encoding(head), head)
  const parser = importer.parser(writer.sink)
  const batches = async function* (): AsyncGenerator<readonly RecordDraft[], void, undefined> {
    for await (const part of parts(head, source)) {
      const goesOn = parser.write(text.write(part))
      const drafts = writer.take()
      if (drafts.length > 0) yield drafts
      if (!goesOn) return
    }
    parser.write(text.end())
    parser.end()
    const rest = writer.take()
    if (rest.length > 0) yield rest
  }
  return { format, report: () => writer.report(), [Symbol.asyncIterator]: batches }
}

async function readHead(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < HEAD_BYTES) {
    const next = await source.next()
    if (next.done === true) break
    const all = new Uint8Array(head.length + next.value.length)
    all.set(head)
    all.set(next.value, head.length)
    head = all
  }
  return head
}

/** The head in pieces of its usual size, then the rest; never more than {@link MAX_FILE_BYTES}. */
async function* parts(
  head: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0
  try {
    for (let start = 0; start < head.length; start += HEAD_BYTES)
      yield head.subarray(start, start + HEAD_BYTES)
    length = head.length
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      length += next.value.length
      if (length > MAX_FILE_BYTES) {
        throw new MunimentError('ERR_TOO_LARGE', `the file is over the limit of ${MAX_FILE_BYTES} bytes`)
      }
      yield next.value
    }
  } finally {
    await source.return?.()
  }
}

function whyUnknown(head: Uint8Array): string {
  const known = 'what can be imported is OFX, QFX and CAMT.052, 053 and 054'
  if (head.length === 0) return `the file is empty; ${known}`
  const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3
  return isZip
    ? `the file is a zip archive: take the files out first; ${known}`
    : `the format is not known; ${known}`
}
