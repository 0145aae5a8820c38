import { MunimentError } from '@muniment/interface'

const STEPS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

/**
 * The bytes that a person means: `500MB`, `10 Go`, `2TiB`, `4096`; with an i by powers of 1024. Throws `ERR_USAGE`.
 */
export function parseByteSize(text: string): number {
  const [, digits, unit = '', binary] = /^(\d+(?:[.,]\d+)?)\s*([KMGT]?)(i?)[BO]?$/iu.exec(text.trim()) ?? []
  const step = STEPS[unit.toUpperCase()]
  if (digits === undefined || step === undefined) {
    throw new MunimentError('ERR_USAGE', 'a number of bytes looks like 500MB, 10GB or 2TiB')
  }
  const bytes = Math.floor(Number(digits.replace(',', '.')) * (binary ? 1024 : 1000) ** step)
  if (Number.isSafeInteger(bytes)) return bytes
  throw new MunimentError('ERR_USAGE', 'this is more bytes than there are')
}

/** Bytes as a person reads them: `10.5 GB`. */
export function formatByteSize(bytes: number): string {
  const step = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${Number((bytes / 1000 ** step).toFixed(1))} ${['B', 'KB', 'MB', 'GB', 'TB'][step]}`
}
