import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { readImport } from '@muniment/importers'
import { isMunimentError, type RecordDraft } from '@muniment/interface'
import { BATCH_LENGTH, READ_LENGTH } from './constants.ts'
import { type FromWorker, isImportOrder } from './worker-messages.ts'

/*
 * The inside of an import: a thread of its own, where a hostile file can exhaust nothing but the thread.
 * It reads on only when the host has taken the last batch.
 */

async function run(path: string): Promise<void> {
  const reading = await readImport(bytesOf(path), { fileName: basename(path) })
  tell({ type: 'recognised', format: reading.format })
  for await (const drafts of reading) {
    for (let start = 0; start < drafts.length; start += BATCH_LENGTH) {
      await handOver(drafts.slice(start, start + BATCH_LENGTH))
    }
  }
  tell({ type: 'done', report: reading.report() })
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  for await (const part of createReadStream(path, { highWaterMark: READ_LENGTH })) {
    if (!(part instanceof Uint8Array)) continue
    yield part
    bytes += part.length
    tell({ type: 'progress', bytes })
  }
}

async function handOver(drafts: readonly RecordDraft[]): Promise<void> {
  if (parentPort === null) return
  const taken = once(parentPort, 'message')
  tell({ type: 'batch', drafts })
  await taken
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message)
}

function tellFailure(error: unknown): void {
  if (isMunimentError(error)) tell({ type: 'failed', code: error.code, message: error.message })
  else tell({ type: 'failed', code: 'ERR_MALFORMED', message: 'the file could not be read to its end' })
}

const order: unknown = workerData
if (isImportOrder(order)) run(order.path).catch(tellFailure)
