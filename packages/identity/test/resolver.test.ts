import { eachSeed } from '@muniment/compliance'
import { base64url, utf8 } from '@muniment/crypto'
import { type Clock, MunimentError } from '@muniment/interface'
import fc from 'fast-check'
import { nodeCryptography } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import {
  createResolver,
  didJwk,
  didKey,
  didPeer2,
  didPeer4,
  didWebUrl,
  type FetchJson,
  jwkFromPublicKey,
  MAX_CACHED_AGE,
  MAX_CACHED_DOCUMENTS,
  MAX_DID_LENGTH,
  MAX_DOCUMENT_BYTES,
  multikeyFromPublicKey,
  parseDidDocument,
} from '../src/index.ts'

const cryptography = nodeCryptography
const newKey = (algorithm: 'Ed25519' | 'ES256' = 'ES256') => cryptography.generateKeyPair(algorithm).publicKey

function clockAt(start: number): Clock & { time: number } {
  return {
    time: start,
    now() {
      return this.time
    },
    wait: () => Promise.resolve(),
  }
}

function webOf(documents: Record<string, unknown>): { fetchJson: FetchJson; asked: string[] } {
  const asked: string[] = []
  const fetchJson: FetchJson = async (url) => {
    asked.push(url)
    if (!(url in documents)) throw new MunimentError('ERR_UNREACHABLE', 'nobody answers there')
    return { url, bytes: utf8(JSON.stringify(documents[url])) }
  }
  return { fetchJson, asked }
}

const council = 'did:web:council.example'
function councilDocument(key = newKey()) {
  return {
    id: council,
    verificationMethod: [
      { id: '#key', type: 'JsonWebKey', controller: council, publicKeyJwk: { ...jwkFromPublicKey(key) } },
    ],
    assertionMethod: ['#key'],
    service: [{ id: '#muniment', type: 'Muniment', serviceEndpoint: ['/ip4/192.0.2.1/tcp/4001'] }],
  }
}

const unresolved = expect.objectContaining({ code: 'ERR_DID_UNRESOLVED' })

describe('a DID that is a key', () => {
  test.each(['Ed25519', 'ES256'] as const)(
    'did:key and did:jwk of %s resolve to that key',
    async (algorithm) => {
      const resolver = createResolver({ cryptography, clock: clockAt(0) })
      const publicKey = newKey(algorithm)
      for (const did of [didKey(publicKey), didJwk(publicKey)]) {
        const resolved = await resolver.resolve(did)
        expect(resolved.did).toBe(did)
        expect(resolved.keys).toEqual([
          {
            id: expect.stringContaining(`${did}#`),
            publicKey,
            purposes: ['authentication', 'assertionMethod'],
          },
        ])
      }
    },
  )

  test('a did:jwk with a private key in it resolves to nothing', async () => {
    const resolver = createResolver({ cryptography, clock: clockAt(0) })
    const jwk = { ...jwkFromPublicKey(newKey()), d: 'AAAA' }
    await expect(resolver.resolve(`did:jwk:${base64url(utf8(JSON.stringify(jwk)))}`)).rejects.toThrow(
      unresolved,
    )
  })
})

describe('a did:peer', () => {
  test('of numalgo 2 carries its keys and services', async () => {
    const [assertion, authentication] = [newKey('Ed25519'), newKey()]
    const did = didPeer2({
      keys: [
        { purpose: 'assertionMethod', key: assertion },
        { purpose: 'authentication', key: authentication },
      ],
      services: [
        { type: 'DIDCommMessaging', endpoint: 'https://a.example' },
        { type: 'Muniment', endpoint: '/ip4/192.0.2.1/tcp/4001' },
      ],
    })
    const resolved = await createResolver({ cryptography, clock: clockAt(0) }).resolve(did)
    expect(resolved).toEqual({
      did,
      keys: [
        { id: `${did}#key-1`, publicKey: assertion, purposes: ['assertionMethod'] },
        { id: `${did}#key-2`, publicKey: authentication, purposes: ['authentication'] },
      ],
      services: [
        { id: `${did}#service`, type: 'DIDCommMessaging', endpoint: 'https://a.example' },
        { id: `${did}#service-1`, type: 'Muniment', endpoint: '/ip4/192.0.2.1/tcp/4001' },
      ],
    })
  })

  test('of numalgo 4 carries its document, and the short form is the hash of it', async () => {
    const key = newKey()
    const { long, short } = didPeer4(cryptography, {
      verificationMethod: [{ id: '#k', type: 'Multikey', publicKeyMultibase: multikeyFromPublicKey(key) }],
      authentication: ['#k'],
    })
    const resolver = createResolver({ cryptography, clock: clockAt(0) })
    const resolved = await resolver.resolve(long)
    expect(resolved.keys).toEqual([{ id: `${long}#k`, publicKey: key, purposes: ['authentication'] }])
    expect((await resolver.resolveDocument(long)).didDocument?.alsoKnownAs).toEqual([short])
    expect(long.startsWith(`${short}:z`)).toBe(true)
    await expect(resolver.resolve(short)).rejects.toThrow(unresolved)
  })

  test('whose document was changed under its hash is refused', async () => {
    const resolver = createResolver({ cryptography, clock: clockAt(0) })
    const mine = didPeer4(cryptography, { service: [] })
    const other = didPeer4(cryptography, { service: [{ id: '#a', type: 't', serviceEndpoint: 'x' }] })
    await expect(resolver.resolve(`${mine.short}:${other.long.split(':')[3]}`)).rejects.toThrow(unresolved)
  })

  test('too long to be read is not made', () => {
    expect(() => didPeer4(cryptography, { text: 'x'.repeat(MAX_DID_LENGTH) })).toThrow(
      expect.objectContaining({ code: 'ERR_TOO_LARGE' }),
    )
  })
})

describe('a did:web', () => {
  test('lies where its method says', () => {
    expect(didWebUrl('did:web:council.example')).toBe('https://council.example/.well-known/did.json')
    expect(didWebUrl('did:web:council.example:dept:tax')).toBe('https://council.example/dept/tax/did.json')
    expect(didWebUrl('did:web:council.example%3A3000')).toBe(
      'https://council.example:3000/.well-known/did.json',
    )
    expect(didWebUrl('did:web:localhost%3A3000', { allowLoopback: true })).toBe(
      'http://localhost:3000/.well-known/did.json',
    )
  })

  test.each([
    'did:web:',
    'did:web:localhost',
    'did:web:127.0.0.1%3A80',
    'did:web:0x7f.1',
    'did:web:2130706433',
    'did:web:Council.example',
    'did:web:council.example:..:secret',
    'did:web:council.example:%2e%2e',
    'did:web:council.example%2Fpath',
    'did:web:user%40council.example',
    'did:web:council.example%3A99999',
    'did:web:council.example::a',
    'did:web:council.example%3A80%3A80',
  ])('written as %s is not read', (did) => {
    expect(() => didWebUrl(did)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
  })

  test('gives the keys and services of its document', async () => {
    const key = newKey()
    const { fetchJson } = webOf({ 'https://council.example/.well-known/did.json': councilDocument(key) })
    const resolved = await createResolver({ cryptography, clock: clockAt(0), fetchJson }).resolve(council)
    expect(resolved).toEqual({
      did: council,
      keys: [{ id: `${council}#key`, publicKey: key, purposes: ['assertionMethod'] }],
      services: [{ id: `${council}#muniment`, type: 'Muniment', endpoint: '/ip4/192.0.2.1/tcp/4001' }],
    })
  })

  test('answered by another host, about somebody else, too large, or not JSON, is refused', async () => {
    const url = 'https://council.example/.well-known/did.json'
    const answers: readonly FetchJson[] = [
      async () => ({ url: 'https://evil.example/did.json', bytes: utf8(JSON.stringify(councilDocument())) }),
      async () => ({
        url: 'http://council.example/did.json',
        bytes: utf8(JSON.stringify(councilDocument())),
      }),
      async () => ({
        url,
        bytes: utf8(JSON.stringify({ ...councilDocument(), id: 'did:web:evil.example' })),
      }),
      async () => ({ url, bytes: utf8(JSON.stringify(councilDocument()) + ' '.repeat(MAX_DOCUMENT_BYTES)) }),
      async () => ({ url, bytes: utf8('<html>') }),
      async () => ({ url, bytes: utf8('null') }),
      async () => {
        throw new TypeError('socket')
      },
    ]
    for (const fetchJson of answers) {
      const resolver = createResolver({ cryptography, clock: clockAt(0), fetchJson })
      await expect(resolver.resolve(council)).rejects.toThrow(unresolved)
    }
    await expect(createResolver({ cryptography, clock: clockAt(0) }).resolve(council)).rejects.toThrow(
      unresolved,
    )
  })

  test('is given up when the caller gives up', async () => {
    const control = new AbortController()
    const fetchJson: FetchJson = async (_url, { signal }) => {
      control.abort()
      signal?.throwIfAborted()
      throw new TypeError('unreachable')
    }
    const resolver = createResolver({ cryptography, clock: clockAt(0), fetchJson })
    await expect(resolver.resolve(council, { signal: control.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
    await expect(resolver.resolve(council, { signal: control.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
  })
})

describe('the cache', () => {
  test('asks an organisation once, and again when the answer is old', async () => {
    const { fetchJson, asked } = webOf({ 'https://council.example/.well-known/did.json': councilDocument() })
    const clock = clockAt(1_000_000)
    const resolver = createResolver({ cryptography, clock, fetchJson })
    await resolver.resolve(council)
    clock.time += MAX_CACHED_AGE - 1
    await resolver.resolve(council)
    expect(asked).toHaveLength(1)
    clock.time += 1
    await resolver.resolve(council)
    expect(asked).toHaveLength(2)
    clock.time -= 2 * MAX_CACHED_AGE
    await resolver.resolve(council)
    expect(asked).toHaveLength(3)
  })

  test('keeps no failure, and forgets the oldest beyond its bound', async () => {
    const documents: Record<string, unknown> = {}
    const { fetchJson, asked } = webOf(documents)
    const resolver = createResolver({ cryptography, clock: clockAt(0), fetchJson })
    await expect(resolver.resolve(council)).rejects.toThrow(unresolved)
    documents['https://council.example/.well-known/did.json'] = councilDocument()
    await resolver.resolve(council)
    expect(asked).toHaveLength(2)
    const key = newKey('Ed25519')
    for (let number = 0; number < MAX_CACHED_DOCUMENTS; number++) {
      await resolver.resolve(didPeer2({ keys: [], services: [{ type: `t${number}`, endpoint: 'x' }] }))
    }
    await resolver.resolve(didKey(key))
    await resolver.resolve(council)
    expect(asked).toHaveLength(3)
  })
})

describe('a DID document', () => {
  test('cannot lend itself the key id or the control of another', () => {
    const key = { type: 'Multikey', publicKeyMultibase: multikeyFromPublicKey(newKey()) }
    const resolved = parseDidDocument({
      id: council,
      verificationMethod: [
        { ...key, id: 'did:web:bank.example#key', controller: 'did:web:bank.example' },
        { ...key, id: '#theirs', controller: 'did:web:bank.example' },
        { ...key, id: '#idle', controller: council },
        { id: '#odd', type: 'X', controller: council, publicKeyMultibase: 'zzz' },
      ],
      authentication: ['did:web:bank.example#key', '#theirs', '#odd', '#missing', { ...key, id: '#inside' }],
    })
    expect(resolved.keys.map(({ id }) => id)).toEqual([`${council}#inside`])
  })

  test.each([
    null,
    [],
    'x',
    {},
    { id: 7 },
    { id: 'did:x:y', service: {} },
    { id: 'did:x:y', authentication: [1] },
  ])('of another shape is refused: %j', (value) => {
    expect(() => parseDidDocument(value)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
  })
})

test('whatever text is asked for, the answer is a document or a refusal', async () => {
  const resolver = createResolver({ cryptography, clock: clockAt(0) })
  const method = fc.constantFrom(
    'key:z6Mk',
    'jwk:',
    'peer:2.V',
    'peer:2.S',
    'peer:4z',
    'web:',
    'peer:0',
    'nil:',
    '',
  )
  const text = fc.oneof(fc.base64String({ maxLength: 60 }), fc.string({ maxLength: 60 }))
  await eachSeed((seed) =>
    fc.assert(
      fc.asyncProperty(method, text, async (start, rest) => {
        await resolver
          .resolve(`did:${start}${rest}`)
          .catch((error: unknown) => expect(error).toEqual(unresolved))
      }),
      { numRuns: 2000, seed },
    ),
  )
  await expect(resolver.resolve(`did:key:z${'1'.repeat(MAX_DID_LENGTH)}`)).rejects.toThrow(unresolved)
})
