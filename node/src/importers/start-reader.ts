import { type ChildProcess, fork } from 'node:child_process'
import { HEAP } from './constants.ts'
import type { ImportOrder } from './reader-messages.ts'

/**
 * Starts the process that reads one file. It is a process and not a thread, because V8 ends the whole process when a
 * thread's limits do not hold it. It gets no environment, standard input or output; from source it runs on Node's own
 * type stripping and finds the packages' sources, built it runs as it is.
 */
export function startReader(path: string): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const script = isSource
    ? new URL('./import-reader.ts', import.meta.url)
    : new URL('./import-reader.js', import.meta.url)
  const limits = [`--max-old-space-size=${HEAP.old}`, `--max-semi-space-size=${HEAP.semiSpace}`]
  const reader = fork(script, [], {
    env: {},
    execArgv: [...limits, ...(isSource ? ['--conditions=@muniment/source'] : [])],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const order: ImportOrder = { type: 'muniment/import/1', path }
  // A reader that could not be started says so by its event; the failed order is the same news.
  reader.send(order, () => undefined)
  return reader
}
