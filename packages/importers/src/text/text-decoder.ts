/** Bytes to text, part by part. */
export interface TextReader {
  write(bytes: Uint8Array): string
  /** What was held back: an unfinished character. */
  end(): string
}

/**
 * Decodes a bank's bytes. The declared encoding is a claim that banks often get wrong, so:
 * UTF-16 is told by its byte order mark; text declared as UTF-8 that is not may be Windows-1252, or cut inside a
 * character; and text declared as a single-byte code is read as UTF-8 when the first part with anything but ASCII is
 * valid UTF-8.
 *
 * @param label - a WHATWG encoding label; an unknown one counts as `windows-1252`
 */
export function textReader(label: string, head: Uint8Array): TextReader {
  const mark = byteOrderMark(head)
  if (mark !== undefined) return mark === 'utf-8' ? lenientUtf8() : plain(mark)
  const name = knownLabel(label)
  if (name === 'utf-8') return lenientUtf8()
  return /^(windows|iso-8859|macintosh|koi8)/.test(name) ? singleByte(name) : plain(name)
}

function byteOrderMark(head: Uint8Array): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined
}

function knownLabel(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return 'windows-1252'
  }
}

function plain(label: string): TextReader {
  const decoder = new TextDecoder(label)
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
}

/** UTF-8, with every byte that is not UTF-8 read as Windows-1252. */
function lenientUtf8(): TextReader {
  const strict = new TextDecoder('utf-8', { fatal: true })
  let held: Uint8Array = new Uint8Array(0)
  const decode = (bytes: Uint8Array): string => {
    try {
      return strict.decode(bytes)
    } catch {
      return decodeMixed(bytes)
    }
  }
  return {
    write(bytes) {
      const all = joined(held, bytes)
      const whole = all.length - unfinishedLength(all)
      held = all.slice(whole)
      return decode(all.subarray(0, whole))
    },
    end: () => decode(held),
  }
}

function singleByte(label: string): TextReader {
  let chosen: TextReader | undefined
  let held: Uint8Array = new Uint8Array(0)
  const choose = (all: Uint8Array): TextReader => {
    const whole = all.subarray(0, all.length - unfinishedLength(all))
    return isUtf8(whole) ? lenientUtf8() : plain(label)
  }
  return {
    write(bytes) {
      if (chosen !== undefined) return chosen.write(bytes)
      const all = joined(held, bytes)
      const whole = all.subarray(0, all.length - unfinishedLength(all))
      if (whole.every((byte) => byte < 0x80)) {
        held = all.slice(whole.length)
        return new TextDecoder().decode(whole)
      }
      chosen = choose(all)
      return chosen.write(all)
    },
    end: () => (chosen === undefined ? new TextDecoder(label).decode(held) : chosen.end()),
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right
  const all = new Uint8Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  return all
}

/** How many bytes at the end begin a UTF-8 sequence whose rest is still to come: 0 to 3. */
function unfinishedLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0
  }
  return 0
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2
  if (lead >= 0xe0 && lead <= 0xef) return 3
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 1
}

/**
 * Text that is not all UTF-8. Where broken sequences are as many as whole ones, it is Windows-1252 and the whole ones
 * are chance (`É»` is one); else it is UTF-8 in which a bank cut a name to a number of bytes.
 */
function decodeMixed(bytes: Uint8Array): string {
  const single = new TextDecoder('windows-1252')
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const parts: string[] = []
  let whole = 0
  let broken = 0
  for (let at = asciiEnd(bytes, 0), from = 0; from < bytes.length; at = asciiEnd(bytes, from)) {
    if (at > from) parts.push(strict.decode(bytes.subarray(from, at)))
    if (at >= bytes.length) break
    const length = wholeSequence(bytes, at)
    if (length > 1) parts.push(strict.decode(bytes.subarray(at, at + length)))
    else parts.push(single.decode(bytes.subarray(at, at + 1)))
    whole += length > 1 ? 1 : 0
    broken += length > 1 ? 0 : 1
    from = at + length
  }
  return broken >= whole ? single.decode(bytes) : parts.join('')
}

function asciiEnd(bytes: Uint8Array, from: number): number {
  let end = from
  while (end < bytes.length && (bytes[end] ?? 0) < 0x80) end += 1
  return end
}

/** The length of the character that begins here: 1 when it is not UTF-8. */
function wholeSequence(bytes: Uint8Array, at: number): number {
  const length = sequenceLength(bytes[at] ?? 0)
  const sequence = bytes.subarray(at, at + length)
  return length > 1 && sequence.length === length && isUtf8(sequence) ? length : 1
}
