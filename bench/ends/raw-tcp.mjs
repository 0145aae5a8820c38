// What no protocol can beat: the same records as bytes, encrypted with AES-256-GCM in pieces of 64 KiB, over plain TCP.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { writeDurably } from '../durable-file.mjs'
import { editSteadily, now, sightings } from '../live-edits.mjs'
import { plainRecords } from '../records.mjs'

const PIECE = 64 * 1024
const HEAD = 4
const NONCE = 12
const TAG = 16
/** Both ends know it: what is measured is decryption, not an exchange of keys. */
const KEY = Buffer.alloc(32, 1)

const readers = new Set()
let seen
let socket
let onPiece = () => undefined

export async function serve(count) {
  const bytes = Buffer.from(JSON.stringify(plainRecords(count)))
  const server = net.createServer((reader) => {
    reader.setNoDelay(true)
    reader.on('error', () => undefined).on('close', () => readers.delete(reader))
    readers.add(reader)
    for (let at = 0; at < bytes.length; at += PIECE) reader.write(sealed(bytes.subarray(at, at + PIECE)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: server.address().port, length: bytes.length }
}

export async function sync({ port, length }, path) {
  const since = now()
  const pieces = []
  let missing = length
  const { promise, resolve } = Promise.withResolvers()
  onPiece = (piece) => {
    pieces.push(piece)
    missing -= piece.length
    if (missing <= 0) resolve()
  }
  socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on(
    'data',
    pieceReader((piece) => onPiece(piece)),
  )
  await promise
  await writeDurably(path, pieces)
  const milliseconds = now() - since
  return { milliseconds, count: JSON.parse(Buffer.concat(pieces)).length, bytes: length }
}

/** There is nothing to show: an edit is its number and its label. */
export function show() {}

export function watch() {
  onPiece = (piece) => seen?.see(JSON.parse(piece).at)
}

export function expect(edits) {
  seen = sightings(edits)
}

export function whenSeen() {
  return seen.all
}

export function edit(edits) {
  return editSteadily(edits, (at) => {
    for (const reader of readers)
      reader.write(sealed(Buffer.from(JSON.stringify({ at, label: `edit ${at}` }))))
  })
}

function sealed(plain) {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce)
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(body.length + NONCE + TAG)
  return Buffer.concat([head, nonce, cipher.getAuthTag(), body])
}

function opened(piece) {
  const decipher = createDecipheriv('aes-256-gcm', KEY, piece.subarray(0, NONCE))
  decipher.setAuthTag(piece.subarray(NONCE, NONCE + TAG))
  return Buffer.concat([decipher.update(piece.subarray(NONCE + TAG)), decipher.final()])
}

function pieceReader(take) {
  let held = Buffer.alloc(0)
  return (bytes) => {
    held = held.length > 0 ? Buffer.concat([held, bytes]) : bytes
    while (held.length >= HEAD) {
      const end = HEAD + held.readUInt32BE(0)
      if (held.length < end) return
      take(opened(held.subarray(HEAD, end)))
      held = held.subarray(end)
    }
  }
}
