import { fromUtf8 } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'

/** The value of JSON bytes; throws `ERR_MALFORMED` when they are not UTF-8 or not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MunimentError('ERR_MALFORMED', 'these bytes are not JSON', { cause })
  }
}
