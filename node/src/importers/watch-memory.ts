import { readFile } from 'node:fs/promises'
import { MEMORY_INTERVAL } from './constants.ts'

/**
 * Looks at a process from outside and calls `exceeded` once when it has ever held more than `limit` bytes. Where the
 * system has no `/proc`, it sees nothing: there the process tells its memory itself.
 * Without `pid` there is none. Gives what ends the watch.
 */
export function watchMemory(
  pid: number | undefined,
  { limit, exceeded }: { readonly limit: number; readonly exceeded: () => void },
): () => void {
  const look = async (): Promise<void> => {
    if ((await peakMemory(pid)) <= limit) return
    clearInterval(timer)
    exceeded()
  }
  const timer = setInterval(() => void look(), MEMORY_INTERVAL)
  timer.unref()
  return () => clearInterval(timer)
}

/** The most bytes that a process has held at any time; 0 when the system does not say. */
async function peakMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1] ?? 0) * 1024
}
