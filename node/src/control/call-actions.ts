import { connect, type Socket } from 'node:net'
import { ERROR_CODES, MunimentError } from '@muniment/interface'
import type { ActionContext, JsonObject, JsonValue, Question } from './actions.ts'
import { isJsonObject, receiveLines, sendLine } from './lines.ts'

/** A connection to the process that has a folder open. */
export interface OwnerConnection {
  /** Runs one action there, passing on its progress and its questions. */
  call(action: string, parameters: JsonObject, context: ActionContext): Promise<JsonValue>
  close(): void
}

/** Connects to the owner of a folder, or gives `undefined` when nobody has it open. */
export async function connectOwner(path: string): Promise<OwnerConnection | undefined> {
  const socket = await new Promise<Socket | undefined>((resolve) => {
    const candidate = connect(path)
    candidate.once('connect', () => resolve(candidate))
    candidate.once('error', () => resolve(undefined))
  })
  if (!socket) return undefined
  const calls = new Map<number, (message: JsonObject) => void>()
  void readReplies(socket, calls)
  let last = 0
  return {
    close: () => socket.destroy(),
    call(action, parameters, context) {
      const id = ++last
      return new Promise((resolve, reject) => {
        calls.set(id, (message) => {
          if (isJsonObject(message['progress'])) context.progress(message['progress'])
          else if (isQuestion(message['question'])) {
            void context.ask(message['question']).then((answer) => sendLine(socket, { id, answer }))
          } else {
            calls.delete(id)
            if ('error' in message) reject(toError(message['error']))
            else resolve(message['result'] ?? null)
          }
        })
        context.signal.addEventListener('abort', () => sendLine(socket, { id, abort: true }), { once: true })
        sendLine(socket, { id, action, parameters })
      })
    },
  }
}

const GONE: JsonObject = {
  error: { code: 'ERR_CHANNEL_CLOSED', message: 'the process that has this open has ended' },
}

async function readReplies(socket: Socket, calls: Map<number, (message: JsonObject) => void>): Promise<void> {
  try {
    for await (const message of receiveLines(socket)) {
      if (typeof message['id'] === 'number') calls.get(message['id'])?.(message)
    }
  } catch {
    socket.destroy()
  }
  for (const answer of calls.values()) answer(GONE)
}

function isQuestion(value: unknown): value is Question {
  return isJsonObject(value) && typeof value['ask'] === 'string'
}

function toError(value: unknown): MunimentError {
  const { code, message } = isJsonObject(value) ? value : {}
  const known = ERROR_CODES.find((candidate) => candidate === code)
  return new MunimentError(known ?? 'ERR_INTERNAL', typeof message === 'string' ? message : 'it failed')
}
