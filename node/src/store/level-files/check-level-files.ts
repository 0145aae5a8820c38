import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { damagedFile } from './byte-reader.ts'
import { type LogScan, scanLog } from './log-file.ts'
import { liveFiles } from './manifest.ts'
import { checkTable } from './table-file.ts'

/** Names and lengths of a database's manifest and logs, as they were when it was closed in order. */
export interface ClosedFiles {
  readonly manifest: string
  readonly manifestBytes: number
  readonly logs: readonly { readonly name: string; readonly bytes: number }[]
}

/** Gives the bytes of one of a database's files, by its name. */
export type ReadLevelFile = (name: string) => Promise<Uint8Array>

/**
 * Checks every byte of a closed LevelDB that counts, because LevelDB itself serves flipped bits as values and forgets
 * rows without a word. Throws `ERR_STORE_DAMAGED`.
 *
 * Only the last record of the last log may be torn, as power loss leaves it; and not even that when the database was
 * closed in order (`closed`) and was not opened since.
 */
export async function checkLevelFiles(
  folder: string,
  closed: ClosedFiles | undefined,
  read: ReadLevelFile = (name) => readFile(join(folder, name)),
): Promise<void> {
  const manifest = await currentManifest(folder, read)
  const scan = scanLog(await read(manifest))
  if (scan.continuesAfterBad) throw damagedFile('the manifest of the store is damaged')
  const live = liveFiles(scan.records)
  const names = await readdir(folder)
  const tables = new Map(names.filter(isTable).map((name) => [numberOf(name), name]))
  for (const number of live.tables) {
    const name = tables.get(number)
    if (name === undefined) throw damagedFile('a table of the store is missing')
    checkTable(await read(name))
  }
  const logs = logNames(names).filter((name) => numberOf(name) >= live.firstLog)
  const isAsClosed = closed !== undefined && (await isUnopenedSince(folder, manifest, closed))
  if (isAsClosed) {
    if (scan.badAt !== undefined) throw damagedFile('the manifest of the store is damaged')
    await checkWholeLogs(closed, read)
  } else await checkLogs(logs, read)
}

/** What to remember of a database that was just closed. */
export async function closedFiles(folder: string): Promise<ClosedFiles> {
  const manifest = await currentManifest(folder, (name) => readFile(join(folder, name)))
  const logs = await Promise.all(
    logNames(await readdir(folder)).map(async (name) => ({
      name,
      bytes: (await stat(join(folder, name))).size,
    })),
  )
  return { manifest, manifestBytes: (await stat(join(folder, manifest))).size, logs }
}

/** Names of the logs in a listing, oldest first. */
export function logNames(names: readonly string[]): string[] {
  return names
    .filter((name) => /^\d+\.log$/.test(name))
    .toSorted((left, right) => numberOf(left) - numberOf(right))
}

async function checkWholeLogs({ logs }: ClosedFiles, read: ReadLevelFile): Promise<void> {
  for (const { name, bytes } of logs) {
    const file = await read(name).catch(() => undefined)
    if (file?.length !== bytes) throw damagedFile('a log of the store was cut')
    if (scanLog(file).badAt !== undefined) throw damagedFile('a log of the store is damaged')
  }
}

async function checkLogs(names: readonly string[], read: ReadLevelFile): Promise<void> {
  let earlier: LogScan | undefined
  for (const name of names) {
    const scan = scanLog(await read(name))
    const isTornEarlier = earlier?.badAt !== undefined
    if (scan.continuesAfterBad || (isTornEarlier && scan.records.length > 0)) {
      throw damagedFile('a log of the store is damaged')
    }
    if (!isTornEarlier) earlier = scan
  }
}

async function isUnopenedSince(folder: string, manifest: string, closed: ClosedFiles): Promise<boolean> {
  return manifest === closed.manifest && (await stat(join(folder, manifest))).size === closed.manifestBytes
}

async function currentManifest(folder: string, read: ReadLevelFile): Promise<string> {
  const current = await read('CURRENT').catch(missing)
  const name = /^(MANIFEST-\d+)\n$/.exec(Buffer.from(current).toString('latin1'))?.[1]
  if (name === undefined) throw damagedFile('the store does not say which its manifest is')
  await stat(join(folder, name)).catch(missing)
  return name
}

/** A file that has to be there is not; other errors of the disk keep their own meaning. */
function missing(error: unknown): never {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  throw code === 'ENOENT' ? damagedFile('a file of the store is missing', { cause: error }) : error
}

function isTable(name: string): boolean {
  return /^\d+\.(ldb|sst)$/.test(name)
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10)
}
