import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Dice } from './crash-state.ts'
import { type FileCall, parseTrace, TRACED } from './system-calls.ts'

/** Longer than any write, so that strace cuts none. */
const STRING_LIMIT = 16 << 20
/** Acknowledgements after a new file among which a name that was not synced shows. */
const SOON = 4

/** Runs a program of this folder under strace, and gives what it did to the files below `root`, in order. */
export async function recordRun(
  program: string,
  {
    folder,
    root,
    words,
  }: { readonly folder: string; readonly root: string; readonly words: readonly string[] },
): Promise<FileCall[]> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    throw new Error(
      'This test records system calls: install strace (apt-get install strace) and run it again.',
    )
  }
  const trace = join(folder, 'trace')
  const strace = ['-f', '-y', '-xx', '-s', String(STRING_LIMIT), '-e', `trace=${TRACED}`, '-o', trace]
  const run = [process.execPath, '--conditions=@muniment/source', program, root, ...words]
  await promisify(execFile)('strace', [...strace, ...run], {
    env: { ...process.env, UV_USE_IO_URING: '0' },
  })
  return parseTrace(await readFile(trace, 'latin1'), root)
}

/** The texts that the program wrote into the file beside `root` by then, each after what it says was acknowledged. */
export function acknowledged(calls: readonly FileCall[], root: string, end: number): readonly string[] {
  return calls
    .slice(0, end)
    .flatMap((call) => (isAcknowledgement(call, root) ? [call.bytes.toString().trim()] : []))
}

/** Just after acknowledgements that follow a new file: where a name that was not synced shows. */
export function tellingMoments(calls: readonly FileCall[], root: string): number[] {
  const moments: number[] = []
  let sinceNewFile = Number.POSITIVE_INFINITY
  for (const [index, call] of calls.entries()) {
    if (call.type === 'create' && call.path.endsWith('.log')) sinceNewFile = 0
    else if (isAcknowledgement(call, root) && sinceNewFile++ < SOON) moments.push(index + 1)
  }
  return moments
}

function isAcknowledgement(call: FileCall, root: string): call is FileCall & { type: 'write' } {
  return call.type === 'write' && call.path === `${root}.ack`
}

/** One of the moments. */
export function pick(moments: readonly number[], dice: Dice): number {
  return moments[Math.floor(dice() * moments.length)] ?? 0
}

/** Mulberry32. */
export function seededDice(seed: number): Dice {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
