import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { correctLog, correctTable } from './correct-files.ts'
import { type FoundChanges, logChanges, tableChanges } from './level-rows.ts'
import { scanLog } from './log-file.ts'
import { type LiveFiles, liveFiles } from './manifest.ts'
import { readAsFarAsPossible } from './read-file.ts'
import { checkTable } from './table-file.ts'

/** A file as it should be, and how many flipped bits that took. */
export interface CorrectedFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly bits: number
}

/** True when the bytes were sealed for that storage key. */
export type IsRow = (key: Uint8Array, sealed: Uint8Array) => boolean

/** What a database consists of, as far as that can still be told. */
export interface FoundFiles {
  readonly tables: readonly string[]
  /** Oldest first. */
  readonly logs: readonly string[]
  /** Parts that are named and not there. */
  readonly missing: readonly string[]
}

/**
 * The files of a database in which single bits were flipped, set right. Nothing is written. A file whose rows do not all
 * open afterwards is left out: more than single bits is wrong with it.
 */
export async function correctLevelFiles(folder: string, isRow: IsRow): Promise<readonly CorrectedFile[]> {
  const corrected: CorrectedFile[] = []
  const current = await correctedCurrent(folder)
  if (current?.bytes) corrected.push({ name: 'CURRENT', bytes: current.bytes, bits: 1 })
  const manifest = current && (await readCopy(folder, current.manifest))
  if (current && manifest) {
    const bits = correctLog(manifest)
    if (bits > 0) corrected.push({ name: current.manifest, bytes: manifest, bits })
  }
  const { tables, logs } = await foundFiles(folder, manifest)
  for (const name of [...tables, ...logs]) {
    const bytes = await readCopy(folder, name)
    const bits = bytes ? (name.endsWith('.log') ? correctedLog : correctedTable)(bytes, isRow) : 0
    if (bytes && bits > 0) corrected.push({ name, bytes, bits })
  }
  return corrected
}

/** How many bits were set right; none when that does not make all rows open. */
function correctedTable(bytes: Uint8Array, isRow: IsRow): number {
  if (isWholeTable(bytes)) return 0
  const bits = correctTable(bytes)
  return bits > 0 && isWholeTable(bytes) && haveAllRows(tableChanges(bytes), isRow) ? bits : 0
}

/** As {@link correctedTable}. The end of the last log may be torn all the same. */
function correctedLog(bytes: Uint8Array, isRow: IsRow): number {
  if (scanLog(bytes).badAt === undefined) return 0
  const bits = correctLog(bytes)
  return bits > 0 && haveAllRows(logChanges(bytes), isRow) ? bits : 0
}

/** The tables and logs that count by the manifest, or all there are when it does not read. */
export async function foundFiles(folder: string, manifest: Uint8Array | undefined): Promise<FoundFiles> {
  const names = await readdir(folder)
  const live = manifest && liveOrNothing(manifest)
  const tables = names.filter((name) => /^\d+\.(ldb|sst)$/.test(name)).toSorted(byNumber)
  const logs = names.filter((name) => /^\d+\.log$/.test(name)).toSorted(byNumber)
  if (!live) return { tables, logs, missing: ['the list of tables'] }
  const held = new Set(tables.map(numberOf))
  const missing = [...live.tables].filter((number) => !held.has(number))
  return {
    tables: tables.filter((name) => live.tables.has(numberOf(name))),
    logs: logs.filter((name) => numberOf(name) >= live.firstLog),
    missing: missing.map((number) => `table ${number}`),
  }
}

/** The manifest that counts, and the file that says so where that had to be set right. */
export async function correctedCurrent(
  folder: string,
): Promise<{ readonly manifest: string; readonly bytes?: Uint8Array } | undefined> {
  const manifests = (await readdir(folder)).filter((name) => /^MANIFEST-\d+$/.test(name))
  const text = await readCopy(folder, 'CURRENT')
  const named = text && /^(MANIFEST-\d+)\n$/.exec(Buffer.from(text).toString('latin1'))?.[1]
  if (named !== undefined && manifests.includes(named)) return { manifest: named }
  // LevelDB keeps one; where a crash left two, the newer one begins with all that the older one says.
  const manifest = manifests.toSorted().at(-1)
  return manifest === undefined ? undefined : { manifest, bytes: Buffer.from(`${manifest}\n`) }
}

/** The bytes of a file, zeros where the disk gives none; `undefined` when there is no such file. */
export async function readCopy(folder: string, name: string): Promise<Uint8Array | undefined> {
  return readAsFarAsPossible(join(folder, name))
}

function liveOrNothing(manifest: Uint8Array): LiveFiles | undefined {
  try {
    const { records, continuesAfterBad } = scanLog(manifest)
    return continuesAfterBad || records.length === 0 ? undefined : liveFiles(records)
  } catch {
    return undefined
  }
}

function isWholeTable(bytes: Uint8Array): boolean {
  try {
    checkTable(bytes)
    return true
  } catch {
    return false
  }
}

function haveAllRows({ changes }: FoundChanges, isRow: IsRow): boolean {
  return changes.every(({ key, value }) => value === undefined || isRow(key, value))
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10)
}

function byNumber(left: string, right: string): number {
  return numberOf(left) - numberOf(right)
}
