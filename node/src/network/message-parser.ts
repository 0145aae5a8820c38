import { concat } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'

/** Bytes before each message: its length, big-endian. */
const HEAD_LENGTH = 4

/** Cuts a stream of bytes into messages. */
export interface MessageParser {
  /** True between the first byte of a message and its last. */
  readonly isInMessage: boolean
  /** The messages that these bytes complete. Throws `ERR_TOO_LARGE` for an announced length over the limit. */
  feed(bytes: Uint8Array): Uint8Array[]
}

/** A parser that holds no more than has arrived: a length that is announced costs nothing. */
export function messageParser(limit: number): MessageParser {
  let parts: Uint8Array[] = []
  let held = 0
  let wanted: number | undefined

  const take = (length: number): Uint8Array => {
    const all = parts.length === 1 && parts[0] ? parts[0] : concat(...parts)
    held -= length
    parts = held > 0 ? [all.subarray(length)] : []
    return all.subarray(0, length)
  }
  const readHead = (): void => {
    const head = take(HEAD_LENGTH)
    wanted = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (wanted > limit) {
      throw new MunimentError('ERR_TOO_LARGE', `the peer announced a message of more than ${limit} bytes`)
    }
  }
  return {
    get isInMessage() {
      return held > 0 || wanted !== undefined
    },
    feed(bytes) {
      const messages: Uint8Array[] = []
      if (bytes.length > 0) parts.push(bytes)
      held += bytes.length
      for (;;) {
        if (wanted === undefined) {
          if (held < HEAD_LENGTH) return messages
          readHead()
        }
        if (wanted === undefined || held < wanted) return messages
        // A copy, so that a small message does not keep alive the large chunk in which it came.
        messages.push(wanted === 0 ? new Uint8Array(0) : new Uint8Array(take(wanted)))
        wanted = undefined
      }
    },
  }
}

/** A message as it goes over a stream. */
export function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_LENGTH + message.length)
  new DataView(bytes.buffer).setUint32(0, message.length)
  bytes.set(message, HEAD_LENGTH)
  return bytes
}
