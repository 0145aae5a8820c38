import { createInterface } from 'node:readline'
import type { Socket } from 'node:net'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from './actions.ts'

/** The longest line either end takes. A longer one ends the connection. */
export const MAX_LINE: number = 16 * 1024 * 1024

/** Sends one JSON object as a line. */
export function sendLine(socket: Socket, message: JsonObject): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}

/** The JSON objects that arrive, a line each, until the other end closes. A line that is none ends the connection. */
export async function* receiveLines(socket: Socket): AsyncGenerator<JsonObject> {
  let held = 0
  socket.on('data', (bytes: Buffer) => {
    const end = bytes.lastIndexOf(10)
    held = end < 0 ? held + bytes.length : bytes.length - end
    if (held > MAX_LINE) socket.destroy()
  })
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    yield parseLine(line)
  }
}

function parseLine(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line)
    if (isJsonObject(value)) return value
  } catch (cause) {
    throw new MunimentError('ERR_MALFORMED', 'a line on the local socket is not JSON', { cause })
  }
  throw new MunimentError('ERR_MALFORMED', 'a line on the local socket is not a JSON object')
}

/** True for a parsed JSON object (whatever `JSON.parse` gives holds only JSON). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
