import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { readImport } from '@muniment/importers'
import { isMunimentError, type RecordDraft } from '@muniment/interface'
import { BATCH_LENGTH, READ_LENGTH } from './constants.ts'
import { type FromReader, isImportOrder } from './reader-messages.ts'

/*
 * The inside of an import: a process of its own, where a hostile file can exhaust nothing else.
 * It reads on only when the host has taken the last batch.
 */

async function run(path: string): Promise<void> {
  const reading = await readImport(bytesOf(path), { fileName: basename(path) })
  await tell({ type: 'recognised', format: reading.format })
  for await (const drafts of reading) {
    for (let start = 0; start < drafts.length; start += BATCH_LENGTH) {
      await handOver(drafts.slice(start, start + BATCH_LENGTH))
    }
  }
  await tell({ type: 'done', report: reading.report() })
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  for await (const part of createReadStream(path, { highWaterMark: READ_LENGTH })) {
    if (!(part instanceof Uint8Array)) continue
    yield part
    bytes += part.length
    await tell({ type: 'progress', bytes, memory: process.memoryUsage.rss() })
  }
}

async function handOver(drafts: readonly RecordDraft[]): Promise<void> {
  const taken = once(process, 'message')
  await tell({ type: 'batch', drafts })
  await taken
}

/** Resolves once the message has left: a host that is busy is not sent more than it takes. */
function tell(message: FromReader): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()))
  })
}

function tellFailure(error: unknown): Promise<void> {
  return isMunimentError(error)
    ? tell({ type: 'failed', code: error.code, message: error.message })
    : tell({ type: 'failed', code: 'ERR_MALFORMED', message: 'the file could not be read to its end' })
}

process.once('disconnect', () => process.exit())
process.once('message', (order: unknown) => {
  if (!isImportOrder(order)) return
  void run(order.path)
    .catch(tellFailure)
    .finally(() => process.disconnect())
})
