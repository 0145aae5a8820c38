import type { RequestListener } from 'node:http'
import { multikeyFromPublicKey, createResolver } from '@muniment/identity'
import type { PublicKey } from '@muniment/interface'
import { describe, expect, test } from 'vitest'
import { httpsFetchJson, type HttpsFetchInit, isPublicAddress } from '../src/identity/index.ts'
import { nodeClock, nodeCryptography } from '../src/platform/index.ts'
import { webHost } from './support/web-host.ts'

const LOOPBACK = async () => [{ address: '127.0.0.1', family: 4 }]
const NAMES = ['council.example']

/** A council's web server, and a fetch that finds and trusts it. */
async function council(serve: RequestListener, changes: HttpsFetchInit = {}) {
  const host = await webHost(NAMES, serve)
  const trusting: HttpsFetchInit = {
    authorities: [host.certificate],
    lookup: LOOPBACK,
    isAllowed: (address) => address === '127.0.0.1',
    ...changes,
  }
  const fetchJson = httpsFetchJson(trusting)
  const url = `https://council.example:${host.port}/.well-known/did.json`
  return { ...host, url, fetchJson, fetched: () => fetchJson(url, { limit: 1000 }) }
}

function documentOf(did: string, publicKey: PublicKey): string {
  const method = {
    id: `${did}#key`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: multikeyFromPublicKey(publicKey),
  }
  return JSON.stringify({ id: did, verificationMethod: [method], assertionMethod: [method.id] })
}

describe('a did:web is read over HTTPS', () => {
  test('Ana resolves a council’s key; its server is told neither who asks nor anything to remember', async () => {
    const { publicKey } = nodeCryptography.generateKeyPair('ES256')
    const asked: unknown[] = []
    let did = ''
    const { port, fetchJson } = await council(({ url, headers }, response) => {
      asked.push([url, Object.keys(headers).toSorted()])
      response.setHeader('set-cookie', 'who=ana').end(documentOf(did, publicKey))
    })
    did = `did:web:council.example%3A${port}`
    const components = { cryptography: nodeCryptography, clock: nodeClock, fetchJson }
    for (const resolver of [createResolver(components), createResolver(components)]) {
      expect((await resolver.resolve(did)).keys).toMatchObject([{ id: `${did}#key`, publicKey }])
    }
    const line = ['/.well-known/did.json', ['accept', 'connection', 'host']]
    expect(asked).toEqual([line, line])
  })

  test('a redirect is not followed, whoever it names', async () => {
    const { fetched, connections, port } = await council((_request, response) =>
      response.writeHead(302, { location: `https://council.example:${port}/elsewhere` }).end(),
    )
    await expect(fetched()).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
    expect(connections()).toBe(1)
  })

  test.each([404, 500, 204, 206])('status %i is no document', async (status) => {
    const { fetched } = await council((_request, response) => response.writeHead(status).end())
    await expect(fetched()).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
  })

  test('an answer without end is left at the limit, and one that expands is not taken', async () => {
    const endless: RequestListener = (_request, response) => {
      const more = (): void => {
        if (!response.destroyed && response.write('x'.repeat(500))) setImmediate(more)
      }
      response.on('drain', more)
      more()
    }
    await expect((await council(endless)).fetched()).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    const packed: RequestListener = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}')
    await expect((await council(packed)).fetched()).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    const headers: RequestListener = (_request, response) =>
      response.writeHead(200, { long: 'x'.repeat(10_000) }).end('{}')
    await expect((await council(headers)).fetched()).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
  })

  test('a server that is silent, or drips, is let go in time', async () => {
    const silent: RequestListener = () => undefined
    const dripping: RequestListener = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    }
    for (const serve of [silent, dripping]) {
      const { fetched } = await council(serve, { timeout: 300 })
      await expect(fetched()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    }
  })

  test('a name server that is silent is let go in time', async () => {
    const lookup = () => Promise.withResolvers<never>().promise
    const fetched = httpsFetchJson({ lookup, timeout: 50 })('https://council.example/', { limit: 1000 })
    await expect(fetched).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  test('whoever gives up is answered at once', async () => {
    const control = new AbortController()
    const { fetchJson, url } = await council(() => control.abort())
    const given = fetchJson(url, { limit: 1000, signal: control.signal })
    await expect(given).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    const already = fetchJson(url, { limit: 1000, signal: AbortSignal.abort() })
    await expect(already).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  })

  test('a certificate of nobody known, or of another name, is not believed', async () => {
    const serve: RequestListener = (_request, response) => response.end('{}')
    const stranger = await council(serve, { authorities: [] })
    await expect(stranger.fetched()).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
    const { fetchJson, port } = await council(serve)
    const other = fetchJson(`https://bank.example:${port}/did.json`, { limit: 1000 })
    await expect(other).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
  })
})

describe('an issuer’s name leads nobody into their own network', () => {
  test('a name of a private address is not connected to, nor one that mixes it with a public one', async () => {
    const host = await webHost(NAMES, (_request, response) => response.end('{}'))
    const mixed = [
      { address: '127.0.0.1', family: 4 },
      { address: '8.8.8.8', family: 4 },
    ]
    for (const found of [mixed.slice(0, 1), mixed, mixed.toReversed()]) {
      const fetchJson = httpsFetchJson({ authorities: [host.certificate], lookup: async () => found })
      const fetched = fetchJson(`https://council.example:${host.port}/did.json`, { limit: 1000 })
      await expect(fetched).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    }
    expect(host.connections()).toBe(0)
  })

  test('an address instead of a name is judged the same', async () => {
    const host = await webHost(NAMES, (_request, response) => response.end('{}'))
    const fetchJson = httpsFetchJson({ authorities: [host.certificate] })
    for (const address of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.1', '169.254.169.254']) {
      const fetched = fetchJson(`https://${address}:${host.port}/did.json`, { limit: 1000 })
      await expect(fetched, address).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    }
    expect(host.connections()).toBe(0)
  })

  test.each(['http://council.example/', 'file:///etc/passwd', 'https://me:you@council.example/', 'council'])(
    '%s is not fetched',
    async (url) => {
      const fetched = httpsFetchJson()(url, { limit: 1000 })
      await expect(fetched).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    },
  )

  test.each(
    [
      ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.53', '169.254.169.254', '172.31.255.255', '192.168.1.1'],
      ['198.18.0.1', '224.0.0.251', '255.255.255.255', '::', '::1', 'fe80::1', 'fe80::1%lo', 'fc00::1'],
      ['fd12::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::1'],
      ['2001:0:7f00:1::', '2001:db8::1', '::127.0.0.1', 'localhost', ''],
    ].flat(),
  )('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false))

  test.each(['8.8.8.8', '172.32.0.1', '193.0.0.1', '223.255.255.255', '2606:4700::1', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )
})
