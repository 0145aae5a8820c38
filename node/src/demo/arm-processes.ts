import type { ChildProcess } from 'node:child_process'

/** Ends the story's processes when a person interrupts it. The function it gives takes that back. */
export function armProcesses(running: ReadonlySet<ChildProcess>): () => void {
  const end = (): void => {
    for (const child of running) child.kill('SIGKILL')
    process.exit(130)
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return () => {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}
