import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { replicaCompliance } from '@muniment/compliance'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { openWebdavReplica } from 'muniment/replicas'
import { expect, it, onTestFinished } from 'vitest'
import { plainServer } from './support/plain-server.ts'
import { PASSWORD, startWebdav, type TestingWebdav, USERNAME } from './support/webdav-server.ts'

const CREDENTIALS = { username: USERNAME, password: PASSWORD }
const NAME = 'ab'.repeat(32)
const OBJECT = new Uint8Array(REPLICA_OBJECT_SIZES[0]).fill(7)

replicaCompliance(
  'A folder on a WebDAV server',
  async () => {
    const server = await startWebdav()
    const again = () => openWebdavReplica({ url: server.url, ...CREDENTIALS })
    return { storage: await again(), again, stop: () => server.stop() }
  },
  { many: 100 },
)

replicaCompliance(
  'A WebDAV server behind a proxy that lets nothing be moved',
  async () => {
    const server = await startWebdav()
    const url = await forwarding(server.url, (method) => (method === 'MOVE' ? 502 : undefined))
    const again = () => openWebdavReplica({ url, ...CREDENTIALS })
    return { storage: await again(), again, stop: () => server.stop() }
  },
  { many: 20 },
)

async function webdav(init?: { readonly room?: number }): Promise<TestingWebdav> {
  const server = await startWebdav(init)
  onTestFinished(() => server.stop())
  return server
}

/** Passes requests on to a server, but for those that it answers itself. */
async function forwarding(to: string, answer: (method: string) => number | undefined): Promise<string> {
  const { origin, pathname } = new URL(to)
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const parts = await Array.fromAsync(request)
    const passed = await fetch(new URL(url, origin), {
      method,
      headers: { authorization: headers.authorization ?? '', depth: String(headers['depth'] ?? 0) },
      ...(parts.length > 0 ? { body: Buffer.concat(parts) } : {}),
    })
    response.writeHead(passed.status).end(Buffer.from(await passed.arrayBuffer()))
  }
  const address = await plainServer((request, response) => {
    const status = answer(request.method ?? '')
    if (status === undefined) void pass(request, response)
    else response.writeHead(status).end()
  })
  return address + pathname
}

it('who has the wrong password is refused, and no error tells the right one or the wrong one', async () => {
  const { url } = await webdav()
  const wrong = await openWebdavReplica({ url, username: 'ana', password: 'wrongCANARY' })
  for (const call of [
    () => wrong.put(NAME, OBJECT),
    () => wrong.get(NAME),
    () => wrong.delete(NAME),
    () => Array.fromAsync(wrong.list('')),
  ]) {
    const error: unknown = await call().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/CANARY|Q0FOQVJZ/u)
  }
})

it('credentials that cannot be sent are refused without being shown, and so is an address that has them in it', async () => {
  for (const init of [
    { url: 'https://ana:CANARY@example.org/vault' },
    { url: 'https://example.org/vault?token=CANARY' },
    { url: 'http://CANARY.example.org/vault' },
    { url: 'CANARY' },
    { url: 'https://example.org/vault', token: 'CANARY\r\nx: y' },
    { url: 'https://example.org/vault', token: 'CANARY é' },
    { url: 'https://example.org/vault', username: 'ana:CANARY', password: '' },
    { url: 'https://example.org/vault', username: 'ana', password: 'CANARY\n' },
  ]) {
    const error: unknown = await openWebdavReplica(init).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    expect(inspect(error, { depth: 9 }).replaceAll(/^ {4}at .*$/gmu, '')).not.toContain('CANARY')
  }
})

it('a server without room says so, and what was there before is still there', async () => {
  const { url } = await webdav({ room: 1 << 17 })
  const storage = await openWebdavReplica({ url, ...CREDENTIALS })
  await storage.put(NAME, OBJECT)

  await expect(storage.put(NAME, new Uint8Array(REPLICA_OBJECT_SIZES[1]))).rejects.toMatchObject({
    code: 'ERR_REPLICA_FULL',
  })
  expect(await storage.get(NAME)).toEqual(OBJECT)
})

it('an upload that is cut off leaves the object that was there', async () => {
  const { url } = await webdav()
  let isCut = false
  const address = await forwarding(url, (method) => (isCut && method === 'MOVE' ? 503 : undefined))
  const storage = await openWebdavReplica({ url: address, ...CREDENTIALS })
  const direct = await openWebdavReplica({ url, ...CREDENTIALS })
  await direct.put(NAME, OBJECT)
  isCut = true

  await expect(
    storage.put(
      NAME,
      OBJECT.map((byte) => byte + 1),
    ),
  ).rejects.toMatchObject({
    code: 'ERR_REPLICA_UNREACHABLE',
  })
  expect(await storage.get(NAME)).toEqual(OBJECT)
  expect(await Array.fromAsync(storage.list(''))).toEqual([{ name: NAME, size: OBJECT.length }])
})

it('a token goes as it is, and never to where a server sends on', async () => {
  const seen: (string | undefined)[] = []
  const elsewhere = await plainServer(({ headers }, response) => {
    seen.push(headers.authorization)
    response.end()
  })
  const url = await plainServer(({ headers }, response) => {
    seen.push(headers.authorization)
    response.writeHead(307, { location: elsewhere }).end()
  })
  const storage = await openWebdavReplica({ url, token: 'abc.def' })

  await expect(storage.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
  expect(seen).toEqual(['Bearer abc.def'])
})

it('a server that is not there, is silent, or stops in the middle is tried later', async () => {
  const away = await openWebdavReplica({ url: 'http://127.0.0.1:1/vault' })
  const silent = await openWebdavReplica({ url: await plainServer(() => undefined), timeout: 50 })
  const broken = await openWebdavReplica({
    url: await plainServer((request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('x', () => request.socket.destroy())
    }),
  })
  for (const storage of [away, silent, broken]) {
    await expect(storage.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_UNREACHABLE' })
  }
})

it('a call is given up at once by its signal', async () => {
  const giveUp = new AbortController()
  const url = await plainServer(() => giveUp.abort())
  const storage = await openWebdavReplica({ url })

  await expect(storage.get(NAME, { signal: giveUp.signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
})

it('an answer without end is read to the length of the largest object and no further', async () => {
  let sent = 0
  const url = await plainServer((_request, response) => {
    const chunk = Buffer.alloc(1 << 16)
    const more = (): void => {
      sent += chunk.length
      if (!response.destroyed) response.write(chunk, more)
    }
    response.writeHead(200)
    more()
  })
  const storage = await openWebdavReplica({ url })

  await expect(storage.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_DAMAGED' })
  expect(sent).toBeLessThan(32 << 20)
})

const HOSTILE_LISTINGS: readonly string[] = [
  'not XML',
  '<multistatus><response><href>/ab/',
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><multistatus><response><href>&b;</href></response></multistatus>',
  '<a>'.repeat(100_000),
  `<multistatus><response><href>\u0000</href></response></multistatus>`,
]

it('a listing that is no listing is refused, whatever it is', async () => {
  for (const text of HOSTILE_LISTINGS) {
    const url = await plainServer((_request, response) => {
      response.writeHead(207).end(text)
    })
    const storage = await openWebdavReplica({ url })
    await expect(Array.fromAsync(storage.list(''))).rejects.toMatchObject({ code: 'ERR_REPLICA_DAMAGED' })
  }
})

it('what a listing names beside objects is passed over, wherever it leads', async () => {
  const asked: (string | undefined)[] = []
  const other = `ab${'c'.repeat(62)}`
  const entries: readonly (readonly [href: string, size: string])[] = [
    ['/vault/ab/', ''],
    [`https://elsewhere.example/${NAME}`, '5'],
    [`/vault/ab/${other}`, '-1'],
    ['/vault/ab/../../etc/passwd', '7'],
    [`/vault/ab/.${NAME}.0123456789ab`, '9'],
    [`/vault/ab/${'cd'.repeat(32)}`, '9'],
    ['/vault/xy/', ''],
  ]
  const body = entries.map(
    ([href, size]) =>
      `<d:response><d:href>${href}</d:href><d:propstat><d:prop><d:getcontentlength>${size}</d:getcontentlength></d:prop></d:propstat></d:response>`,
  )
  const url = await plainServer((request, response) => {
    asked.push(request.url)
    response.writeHead(207).end(`<d:multistatus xmlns:d="DAV:">${body.join('')}</d:multistatus>`)
  })
  const storage = await openWebdavReplica({ url: `${url}/vault` })

  expect(await Array.fromAsync(storage.list(''))).toEqual([{ name: NAME, size: 5 }])
  expect(asked).toEqual(['/vault/', '/vault/ab/'])
})
