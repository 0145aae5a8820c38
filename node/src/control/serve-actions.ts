import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { isMunimentError, MunimentError } from '@muniment/interface'
import type { ActionContext, Actions, JsonObject } from './actions.ts'
import { isJsonObject, receiveLines, sendLine } from './lines.ts'

/** A running local socket. */
export interface ActionServer {
  /** Ends the connections and removes the socket. */
  close(): Promise<void>
}

/**
 * Offers actions on a Unix socket to the commands of the same person: one JSON object a line, several calls at once.
 * Only the owner of the folder can open the socket, by the folder's permissions.
 *
 * @param path - the socket's path, see `socketPath`
 * @param actions - what is offered
 */
export async function serveActions(path: string, actions: Actions): Promise<ActionServer> {
  await removeStaleSocket(path)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    void answerCalls(socket, actions)
  })
  const mask = process.umask(0o077)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(mask)
  }
  return {
    async close() {
      for (const socket of sockets) socket.end()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/** A socket file that nobody answers is left from a killed process; the store's lock proves that we own the folder. */
async function removeStaleSocket(path: string): Promise<void> {
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => resolve(true))
    probe.once('error', () => resolve(false))
    probe.once('connect', () => probe.destroy())
  })
  if (isAlive) throw new MunimentError('ERR_STORE_LOCKED', 'another process already answers for this folder')
  rmSync(path, { force: true })
}

interface Call {
  readonly abort: AbortController
  readonly answers: ((text: string) => void)[]
}

async function answerCalls(socket: Socket, actions: Actions): Promise<void> {
  const calls = new Map<number, Call>()
  socket.on('close', () => {
    for (const { abort } of calls.values()) abort.abort()
  })
  try {
    for await (const message of receiveLines(socket)) receiveMessage(message, { actions, calls, socket })
  } catch {
    socket.destroy()
  }
}

interface Connection {
  readonly actions: Actions
  readonly calls: Map<number, Call>
  readonly socket: Socket
}

function receiveMessage(message: JsonObject, connection: Connection): void {
  const { actions, calls, socket } = connection
  const { id } = message
  if (typeof id !== 'number') {
    throw new MunimentError('ERR_MALFORMED', 'a call on the local socket has no number')
  }
  const running = calls.get(id)
  if (running) {
    if (typeof message['answer'] === 'string') running.answers.shift()?.(message['answer'])
    else if (message['abort'] === true) running.abort.abort()
    return
  }
  const name = message['action']
  const action = typeof name === 'string' && Object.hasOwn(actions, name) ? actions[name] : undefined
  if (!action) {
    if (name !== undefined) {
      sendLine(socket, {
        id,
        error: { code: 'ERR_UNSUPPORTED', message: 'this process does not offer that' },
      })
    }
    return
  }
  const call: Call = { abort: new AbortController(), answers: [] }
  calls.set(id, call)
  const context: ActionContext = {
    signal: call.abort.signal,
    progress: (event) => sendLine(socket, { id, progress: event }),
    ask: (question) =>
      new Promise((resolve) => {
        call.answers.push(resolve)
        call.abort.signal.addEventListener('abort', () => resolve('no'), { once: true })
        sendLine(socket, { id, question })
      }),
  }
  const parameters = isJsonObject(message['parameters']) ? message['parameters'] : {}
  void action(parameters, context)
    .then((result) => sendLine(socket, { id, result }))
    .catch((error: unknown) => sendLine(socket, { id, error: describeError(error) }))
    .finally(() => calls.delete(id))
}

/** An error as the owner may see it: its code and sentence. */
export function describeError(error: unknown): { code: string; message: string } {
  if (isMunimentError(error)) return { code: error.code, message: error.message }
  return { code: 'ERR_INTERNAL', message: error instanceof Error ? error.message : String(error) }
}
