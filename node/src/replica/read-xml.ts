import { MunimentError } from '@muniment/interface'
import { SaxesParser } from 'saxes'

/** Elements within each other that an answer may have. */
const MAX_DEPTH = 32

/**
 * Reads an XML answer of a server, calling for each element that ends, with its name (without the namespace's prefix)
 * and the text since the last tag. Throws `ERR_REPLICA_DAMAGED` for what is not XML. No entity is expanded but XML's own
 * five, so that the answer is as long as it is.
 */
export function readXml(bytes: Uint8Array, onEnd: (name: string, text: string) => void): void {
  const parser = new SaxesParser({ xmlns: true })
  let text = ''
  let depth = 0
  parser.on('opentag', () => {
    text = ''
    if (++depth > MAX_DEPTH) throw new MunimentError('ERR_MALFORMED', 'elements too deep')
  })
  parser.on('text', (more) => {
    text += more
  })
  parser.on('closetag', ({ local }) => {
    onEnd(local, text.trim())
    text = ''
    depth--
  })
  try {
    parser.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).close()
  } catch (cause) {
    throw new MunimentError('ERR_REPLICA_DAMAGED', 'the server’s answer cannot be read', { cause })
  }
}
