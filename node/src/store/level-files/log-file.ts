import { concat } from '@muniment/crypto'
import { maskedCrc32c } from './crc32c.ts'

/** LevelDB writes its logs and manifests in blocks of this size (its doc/log_format.md). */
export const BLOCK = 32_768
/** CRC (4 bytes), length (2), type (1). */
export const HEAD = 7
const FULL = 1
const FIRST = 2
const LAST = 4

/** True when a record begins with the fragment. */
export function isBeginning({ type }: Fragment): boolean {
  return type === FULL || type === FIRST
}

/** True when a record ends with the fragment. */
export function isEnd({ type }: Fragment): boolean {
  return type === FULL || type === LAST
}

/** What a log file holds, and where it stops making sense. */
export interface LogScan {
  /** The whole records before the first bad byte. */
  readonly records: readonly Uint8Array[]
  /** The offset of the first fragment that does not check; `undefined` when all is well. */
  readonly badAt: number | undefined
  /** True when a record begins, with a right checksum, after the first bad byte. */
  readonly continuesAfterBad: boolean
}

/** One piece of a record. */
export interface Fragment {
  readonly type: number
  readonly payload: Uint8Array
  readonly next: number
}

/**
 * Reads a LevelDB log or manifest and checks every fragment. A batch is synced before the next one is written, so a
 * power loss can only tear the last record: something bad with a good record after it was not torn but damaged.
 */
export function scanLog(file: Uint8Array): LogScan {
  const records: Uint8Array[] = []
  let open: Uint8Array[] = []
  let openedAt = 0
  let at = 0
  while (at < file.length) {
    if (BLOCK - (at % BLOCK) < HEAD) {
      at += BLOCK - (at % BLOCK)
      continue
    }
    const fragment = fragmentAt(file, at)
    const begins = fragment !== undefined && isBeginning(fragment)
    if (!fragment || begins === open.length > 0) return bad(file, records, at)
    if (begins) openedAt = at
    open.push(fragment.payload)
    at = fragment.next
    if (isEnd(fragment)) {
      records.push(concat(...open))
      open = []
    }
  }
  return open.length > 0
    ? bad(file, records, openedAt)
    : { records, badAt: undefined, continuesAfterBad: false }
}

function bad(file: Uint8Array, records: readonly Uint8Array[], badAt: number): LogScan {
  for (let at = badAt + 1; at + HEAD <= file.length; at++) {
    const fragment = fragmentAt(file, at)
    if (fragment && isBeginning(fragment)) {
      return { records, badAt, continuesAfterBad: true }
    }
  }
  return { records, badAt, continuesAfterBad: false }
}

/** The fragment at an offset, or `undefined` where there is none that checks. */
export function fragmentAt(file: Uint8Array, at: number): Fragment | undefined {
  const left = Math.min(BLOCK - (at % BLOCK), file.length - at)
  if (left < HEAD) return undefined
  const view = new DataView(file.buffer, file.byteOffset + at, left)
  const length = view.getUint16(4, true)
  const type = view.getUint8(6)
  if (type < FULL || type > LAST || HEAD + length > left) return undefined
  const end = at + HEAD + length
  if (maskedCrc32c(file.subarray(at + HEAD - 1, end)) !== view.getUint32(0, true)) return undefined
  return { type, payload: file.subarray(at + HEAD, end), next: end }
}
