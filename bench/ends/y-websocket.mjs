import { once } from 'node:events'
import http from 'node:http'
import WebSocket, { WebSocketServer } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { getYDoc, setupWSConnection } from '@y/websocket-server/utils'
import { writeDurably } from '../durable-file.mjs'
import { editSteadily, now, sightings } from '../live-edits.mjs'
import { plainRecords } from '../records.mjs'

const ROOM = 'vault'
let document
let seen
let ids

/** The server with a document of so many records, and a client of it that edits. Gives the address. */
export async function serve(count) {
  const records = plainRecords(count)
  const map = getYDoc(ROOM).getMap('records')
  for (let at = 0; at < records.length; at += 1000) {
    getYDoc(ROOM).transact(() => {
      for (const { id, ...record } of records.slice(at, at + 1000)) map.set(id, record)
    })
  }
  const server = http.createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => setupWSConnection(socket, request, { docName: ROOM }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${server.address().port}`
  await connected(url)
  return url
}

/** A fresh client: milliseconds until it has all in memory, and until its document is on disk as well. */
export async function sync(url, path) {
  const since = now()
  await connected(url)
  const inMemory = now() - since
  await writeDurably(path, [Y.encodeStateAsUpdate(document)])
  return { inMemory, milliseconds: now() - since, count: document.getMap('records').size }
}

export function show(count) {
  ids = [...document.getMap('records').keys()].slice(0, count)
}

export function watch() {
  const map = document.getMap('records')
  map.observe(({ keysChanged }) => {
    for (const key of keysChanged) {
      const { label } = map.get(key)
      if (label !== undefined) seen?.see(Number(label.slice(5)))
    }
  })
}

export function expect(edits) {
  seen = sightings(edits)
}

export function whenSeen() {
  return seen.all
}

export function edit(edits) {
  const map = document.getMap('records')
  return editSteadily(edits, (at) => {
    map.set(ids[at], { ...map.get(ids[at]), label: `edit ${at}` })
  })
}

async function connected(url) {
  document = new Y.Doc()
  const provider = new WebsocketProvider(url, ROOM, document, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  })
  await new Promise((resolve) => provider.once('sync', resolve))
}
