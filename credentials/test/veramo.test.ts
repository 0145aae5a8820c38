import { createResolver, jwkFromPublicKey } from '@muniment/identity'
import { describe, expect, test } from 'vitest'
import { createCredentialAgent } from '../src/index.ts'
import { cryptography, memoryStore, random, unsafeTestingClock } from './actors.ts'

const KMS = 'muniment'
const request = { audience: 'did:web:landlord.example', nonce: 'n-1' }

async function newAgent() {
  const clock = unsafeTestingClock()
  const store = await memoryStore()
  const resolver = createResolver({ cryptography, clock })
  const components = { cryptography, random, clock, store, resolver }
  return { agent: createCredentialAgent(components), clock, reopen: () => createCredentialAgent(components) }
}

const publicJwk = (key: { publicKeyHex: string; type: string }) =>
  jwkFromPublicKey({
    algorithm: key.type === 'Ed25519' ? 'Ed25519' : 'ES256',
    bytes: new Uint8Array(Buffer.from(key.publicKeyHex, 'hex')),
  })

/** A council's agent issues to the key of Alice's agent. */
async function issued() {
  const [council, alice, landlord] = [await newAgent(), await newAgent(), await newAgent()]
  const { did: issuer } = await council.agent.didManagerCreate({ provider: 'did:jwk', alias: 'council' })
  const holder = await alice.agent.keyManagerCreate({ kms: KMS, type: 'Secp256r1' })
  const credential = await council.agent.createSdJwtVc({
    issuer,
    vct: 'urn:address',
    claims: { town: 'Leeds', street: '1 Park Row' },
    disclosable: [['town'], ['street']],
    holderJwk: publicJwk(holder),
    expires: council.clock.time / 1000 + 3600,
  })
  return { council, alice, landlord, issuer, credential }
}

describe('a Veramo agent of ours', () => {
  test('issues, another presents, and a third verifies an SD-JWT VC, through agent methods alone', async () => {
    const { alice, landlord, issuer, credential } = await issued()
    const query = {
      credentials: [
        { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:address'] }, claims: [{ path: ['town'] }] },
      ],
    }
    const selection = await alice.agent.selectSdJwtVcs({ query, credentials: [credential] })
    expect(selection).toEqual({
      answered: true,
      chosen: ['a'],
      matches: { a: [{ index: 0, disclose: [['town']] }] },
    })
    const presentation = await alice.agent.createSdJwtVcPresentation({
      credential,
      reveal: [['town']],
      ...request,
    })
    const verdict = await landlord.agent.verifySdJwtVcPresentation({
      presentation,
      ...request,
      trustedIssuers: [issuer],
    })
    expect(verdict).toMatchObject({ verified: true, problems: [], claims: { town: 'Leeds', iss: issuer } })
    expect(verdict.claims).not.toHaveProperty('street')
  })

  test('refuses a presentation for another verifier, an issuer that is not trusted, and bytes that were changed', async () => {
    const { alice, landlord, issuer, credential } = await issued()
    const presentation = await alice.agent.createSdJwtVcPresentation({
      credential,
      reveal: [['town']],
      ...request,
    })
    const trustedIssuers = [issuer]
    const verify = async (args: object) => {
      const all = { presentation, ...request, trustedIssuers, ...args }
      return (await landlord.agent.verifySdJwtVcPresentation(all)).problems.map(({ code }) => code)
    }
    expect(await verify({ audience: 'did:web:other.example' })).toEqual(['key_binding_audience'])
    expect(await verify({ nonce: 'n-2' })).toEqual(['key_binding_nonce'])
    expect(await verify({ trustedIssuers: [] })).toEqual(['issuer_unknown'])
    expect(await verify({ presentation: presentation.replace('~', '~~') })).not.toEqual([])
    expect(await verify({})).toEqual([])
  })

  test('cannot present a credential that is bound to somebody else’s key', async () => {
    const { landlord, credential } = await issued()
    await expect(
      landlord.agent.createSdJwtVcPresentation({ credential, reveal: [], ...request }),
    ).rejects.toMatchObject({ code: 'ERR_KEY_UNKNOWN' })
  })

  test.each([
    ['did:key', 'Secp256r1', 'did:key:zDn'],
    ['did:key', 'Ed25519', 'did:key:z6Mk'],
    ['did:jwk', 'Ed25519', 'did:jwk:'],
  ])('makes a %s of the key type that was asked for: %s', async (provider, keyType, start) => {
    const { agent, reopen } = await newAgent()
    const made = await agent.didManagerCreate({ provider, alias: 'me', options: { keyType } })
    expect(made.did.startsWith(start)).toBe(true)
    expect(made.keys[0]?.type).toBe(keyType)
    const { didDocument } = await agent.resolveDid({ didUrl: made.did })
    expect(didDocument?.id).toBe(made.did)
    const didUrl = didDocument?.verificationMethod?.[0]?.id ?? ''
    if (!didDocument) throw new Error('there is no document')
    expect(await agent.getDIDComponentById({ didDocument, didUrl })).toMatchObject({ id: didUrl })
    expect(await reopen().didManagerGet({ did: made.did })).toEqual(made)
    expect(await agent.didManagerGetByAlias({ alias: 'me' })).toEqual(made)
    expect(await agent.didManagerFind({ provider })).toEqual([made])
    expect(await agent.didManagerFind({ alias: 'you' })).toEqual([])
  })

  test('makes no key of a type that it does not have, and no DID of another method', async () => {
    const { agent } = await newAgent()
    const unsupported = { code: 'ERR_UNSUPPORTED' }
    await expect(agent.keyManagerCreate({ kms: KMS, type: 'Secp256k1' })).rejects.toMatchObject(unsupported)
    await expect(agent.keyManagerCreate({ kms: 'local', type: 'Ed25519' })).rejects.toMatchObject(unsupported)
    await expect(agent.didManagerCreate({ provider: 'did:ethr' })).rejects.toMatchObject(unsupported)
    await expect(agent.didManagerCreate({ options: { keyType: 'X25519' } })).rejects.toMatchObject(
      unsupported,
    )
  })

  test('never gives a private key out, and forgets a key that is deleted', async () => {
    const { agent } = await newAgent()
    const { did, controllerKeyId = '' } = await agent.didManagerCreate({ alias: 'me' })
    expect(JSON.stringify(await agent.keyManagerGet({ kid: controllerKeyId }))).not.toContain('private')
    expect(agent.availableMethods()).not.toContain('keyManagerImport')
    await expect(agent.didManagerCreate({ alias: 'me' })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
    expect(await agent.didManagerDelete({ did })).toBe(true)
    await expect(agent.keyManagerGet({ kid: controllerKeyId })).rejects.toMatchObject({
      code: 'ERR_KEY_UNKNOWN',
    })
    await expect(agent.didManagerGet({ did })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  test('signs the same bytes whichever way they are written', async () => {
    const { agent } = await newAgent()
    const { kid: keyRef } = await agent.keyManagerCreate({ kms: KMS, type: 'Ed25519' })
    const signatures = await Promise.all([
      agent.keyManagerSign({ keyRef, data: 'hi?>' }),
      agent.keyManagerSign({ keyRef, data: '68693f3e', encoding: 'hex' }),
      agent.keyManagerSign({ keyRef, data: 'aGk/Pg==', encoding: 'base64' }),
    ])
    expect(new Set(signatures).size).toBe(1)
    await expect(agent.keyManagerSign({ keyRef, data: 'xy', encoding: 'hex' })).rejects.toMatchObject({
      code: 'ERR_MALFORMED',
    })
  })
})
