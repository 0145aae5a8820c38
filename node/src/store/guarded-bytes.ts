import { copyFile, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { concat } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import { makeFolder, replaceFile, syncFolder } from './durable-files.ts'
import { correctRun, flipBit } from './level-files/correct-bit.ts'
import { crc32c } from './level-files/crc32c.ts'

const CRC = 4

/** The bytes with their CRC-32C after them, which tells one flipped bit from all others. */
export function guarded(bytes: Uint8Array): Uint8Array {
  const crc = new Uint8Array(CRC)
  new DataView(crc.buffer).setUint32(0, crc32c(bytes), true)
  return concat(bytes, crc)
}

/** The bytes that were guarded; throws `ERR_STORE_DAMAGED` when they are not the ones. */
export function unguarded(file: Uint8Array, what: string): Uint8Array {
  const bytes = file.subarray(0, Math.max(0, file.length - CRC))
  const isRight =
    file.length >= CRC &&
    new DataView(file.buffer, file.byteOffset + bytes.length).getUint32(0, true) === crc32c(bytes)
  if (isRight) return new Uint8Array(bytes)
  throw new MunimentError('ERR_STORE_DAMAGED', `${what} is damaged`)
}

/** What became of a small file that was looked at. */
export type Mended = 'whole' | 'corrected' | 'damaged' | 'missing'

/** Sets a flipped bit of a guarded file right, in the file too; what was there is kept aside. */
export async function mendGuarded(path: string, aside: string): Promise<Mended> {
  const file = await bytesOf(path)
  if (!file) return 'missing'
  const end = file.length - CRC
  if (end < 0) return 'damaged'
  const before = file.slice()
  if (!correctRun(file, { from: 0, to: end, crcAt: end, isMasked: false })) return 'damaged'
  if (before.every((byte, at) => byte === file[at])) return 'whole'
  await replaceKept(path, file, aside)
  return 'corrected'
}

/**
 * Sets a flipped bit of a small file right that has no checksum, by trying which one makes it right; what was there is kept
 * aside.
 */
export async function mendByTrial(
  path: string,
  aside: string,
  isRight: (bytes: Uint8Array) => boolean,
): Promise<Mended> {
  const file = await bytesOf(path)
  if (!file) return 'missing'
  if (isRight(file)) return 'whole'
  const corrected = correctedByTrial(file, isRight)
  if (!corrected) return 'damaged'
  await replaceKept(path, corrected, aside)
  return 'corrected'
}

/** The bytes with the one bit flipped that makes them right; `undefined` when there is none. */
export function correctedByTrial(
  bytes: Uint8Array,
  isRight: (bytes: Uint8Array) => boolean,
): Uint8Array | undefined {
  const tried = bytes.slice()
  for (let bit = 0; bit < tried.length * 8; bit++) {
    flipBit(tried, bit)
    if (isRight(tried)) return tried
    flipBit(tried, bit)
  }
  return undefined
}

/** Keeps a copy of a file aside. */
export async function keepAside(path: string, aside: string): Promise<void> {
  await makeFolder(aside)
  await copyFile(path, join(aside, basename(path)))
  await syncFolder(aside)
  await syncFolder(dirname(aside))
}

async function replaceKept(path: string, bytes: Uint8Array, aside: string): Promise<void> {
  await keepAside(path, aside)
  await replaceFile(path, bytes)
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined
    throw error
  }
}
