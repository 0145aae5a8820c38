import { Worker } from 'node:worker_threads'
import { WORKER_MEMORY } from './constants.ts'
import type { ImportOrder } from './worker-messages.ts'

/**
 * Starts the worker that reads one file. It gets no environment and no standard input; from source it runs on Node's
 * own type stripping and finds the packages' sources, built it runs as it is.
 */
export function startWorker(path: string): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const script = new URL(isSource ? './import-worker.ts' : './import-worker.js', import.meta.url)
  const order: ImportOrder = { type: 'muniment/import/1', path }
  return new Worker(script, {
    workerData: order,
    env: {},
    execArgv: isSource ? ['--conditions=@muniment/source'] : [],
    resourceLimits: WORKER_MEMORY,
    name: 'import',
  })
}
