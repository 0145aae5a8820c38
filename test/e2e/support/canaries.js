// Words that no one else would write, and the search for them in whatever a stranger could get hold of.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'

/** A word of 16 letters that is nowhere else. */
export const canary = () => `zq${randomBytes(16).toString('hex').slice(0, 14)}`

/** The bytes by which a text may stand in a file: UTF-8, both UTF-16, hexadecimal, and base64 wherever it begins. */
function formsOf(text) {
  const utf8 = Buffer.from(text)
  const little = Buffer.from(text, 'utf16le')
  const hex = utf8.toString('hex')
  const inBase64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), utf8]).toString('base64')
    // The letters at both ends also say what stands beside the text.
    const inner = whole.slice(Math.ceil((before * 4) / 3), whole.length - 4)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return [
    utf8,
    little,
    Buffer.from(little).swap16(),
    ...[hex, hex.toUpperCase(), ...inBase64].map((form) => Buffer.from(form)),
  ]
}

/** Which of these texts stand in the bytes, in any form. */
export function found(texts, bytes) {
  return texts.filter((text) => formsOf(text).some((form) => bytes.includes(form)))
}

/** Every file below a folder, with its path as one more thing to search. */
export async function filesOf(folder) {
  const files = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.push({ path, bytes: Buffer.concat([Buffer.from(path), await readFile(path)]) })
  }
  return files
}

/** A wire between two devices with somebody on it who writes down all that passes. */
export async function tappedWire(address) {
  const port = Number(/\/tcp\/(\d+)/.exec(address)[1])
  const heard = []
  const sockets = new Set()
  const server = createServer((from) => {
    const to = createConnection({ port, host: '127.0.0.1' })
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      sockets.add(one)
      one.on('data', (bytes) => heard.push(bytes))
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: address.replace(`/tcp/${port}`, `/tcp/${server.address().port}`),
    heard: () => Buffer.concat(heard),
    cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
