import { issueSdJwtVc, verifyToken } from '@muniment/credentials'
import { createResolver, didKey, type FetchJson, multikeyFromPublicKey } from '@muniment/identity'
import type { PublicKey } from '@muniment/interface'
import { describe, expect, test } from 'vitest'
import { issuerKeyFor } from '../src/cli/issuer-key.ts'
import { nodeClock, nodeCryptography as cryptography, nodeRandom as random } from '../src/platform/index.ts'

const COUNCIL = 'did:web:council.example'

/** A council that certifies a town, its key in a document on the web, and who asked for which address. */
async function council(issuer = COUNCIL) {
  const signer = cryptography.signer(cryptography.generateKeyPair('ES256'))
  const token = await issueSdJwtVc(
    { cryptography, random, signer },
    { payload: { iss: issuer, vct: 'urn:town', town: 'Namur' }, disclosable: [['town']] },
  )
  const asked: string[] = []
  const fetchJson: FetchJson = async (url) => {
    asked.push(url)
    return { url, bytes: new TextEncoder().encode(documentOf(signer.publicKey)) }
  }
  const resolver = createResolver({ cryptography, clock: nodeClock, fetchJson })
  return { token, resolver, asked, publicKey: signer.publicKey }
}

function documentOf(publicKey: PublicKey): string {
  const method = {
    id: '#key',
    type: 'Multikey',
    controller: COUNCIL,
    publicKeyMultibase: multikeyFromPublicKey(publicKey),
  }
  return JSON.stringify({ id: COUNCIL, assertionMethod: [method] })
}

describe('a person who checks a credential names its issuer by DID', () => {
  test('the key of its did:web is found, once, and the credential is good', async () => {
    const { token, resolver, asked } = await council()
    const found = await issuerKeyFor(resolver, COUNCIL, token)
    if (!found.ok) throw new Error('found')
    expect(verifyToken({ token, issuerJwk: found.jwk, at: 0 }, { cryptography })).toMatchObject({ ok: true })
    expect(asked).toEqual(['https://council.example/.well-known/did.json'])
  })

  test('a token that names another issuer, or is none, makes no connection', async () => {
    const { token, resolver, asked } = await council('did:web:evil.example')
    expect(await issuerKeyFor(resolver, COUNCIL, token)).toMatchObject({
      problems: [{ code: 'issuer_unknown' }],
    })
    expect(await issuerKeyFor(resolver, COUNCIL, '')).toMatchObject({ problems: [{ code: 'malformed' }] })
    expect(asked).toEqual([])
  })

  test('an issuer that cannot be found is a negative answer that says why', async () => {
    const { token } = await council()
    const offline = createResolver({ cryptography, clock: nodeClock })
    expect(await issuerKeyFor(offline, COUNCIL, token)).toMatchObject({
      problems: [{ code: 'issuer_unknown', message: expect.stringContaining('does not resolve') }],
    })
  })

  test('a did:key is its own key, and a stranger’s key is refused', async () => {
    const stranger = didKey(cryptography.generateKeyPair('ES256').publicKey)
    const { token, resolver, asked } = await council(stranger)
    const found = await issuerKeyFor(resolver, stranger, token)
    if (!found.ok) throw new Error('found')
    expect(verifyToken({ token, issuerJwk: found.jwk, at: 0 }, { cryptography })).toMatchObject({
      problems: [{ code: 'issuer_signature' }],
    })
    expect(asked).toEqual([])
  })
})
