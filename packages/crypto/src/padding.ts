import { MunimentError } from '@muniment/interface'

const MIN_BUCKET = 64

/**
 * The Padmé bucket for a length (Nikitin et al., *Reducing Metadata Leakage from Encrypted Files*, 2019): at most 12 %
 * more, and only O(log log n) bits of the length remain visible. Everything under 64 bytes shares one bucket.
 */
export function padmeLength(length: number): number {
  if (length <= MIN_BUCKET) return MIN_BUCKET
  const exponent = Math.floor(Math.log2(length))
  const kept = Math.floor(Math.log2(exponent)) + 1
  const step = 2 ** (exponent - kept)
  return Math.ceil(length / step) * step
}

/** Pads to the Padmé bucket: the bytes, then 0x80, then zeros (ISO/IEC 7816-4), so that the length comes back. */
export function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(padmeLength(bytes.length + 1))
  padded.set(bytes)
  padded[bytes.length] = 0x80
  return padded
}

/** Takes the padding of {@link pad} off again; throws `ERR_MALFORMED` where there is none. */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  if (end < 0 || padded[end] !== 0x80) throw new MunimentError('ERR_MALFORMED', 'the padding is broken')
  return padded.subarray(0, end)
}
