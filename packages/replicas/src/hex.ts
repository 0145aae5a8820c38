import { MunimentError } from '@muniment/interface'

/** Lower-case hexadecimal: the one alphabet that folders which ignore case keep apart. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** Decodes lower-case hexadecimal; throws `ERR_MALFORMED`. */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new MunimentError('ERR_MALFORMED', 'this is not hexadecimal')
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
  )
}
