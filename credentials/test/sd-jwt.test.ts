import {
  bindPresentation,
  disclosurePlaces,
  issueSdJwtVc,
  type JsonObject,
  parseSdJwt,
  presentFromPlaces,
  presentSdJwt,
  verifySdJwtVc,
  verifySdJwtVcWith,
  verifyToken,
} from '@muniment/credentials'
import { jwkFromPublicKey } from '@muniment/identity'
import type { Signer } from '@muniment/interface'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { describe, expect, it } from 'vitest'

const AT = 1_800_000_000
const REQUEST = { audience: 'https://landlord.example', nonce: 'n-0S6_WzA2Mj', transactionData: [] }

function party(): Signer {
  return cryptography.signer(cryptography.generateKeyPair('ES256'))
}

async function addressOfAlice(): Promise<{ council: Signer; alice: Signer; credential: string }> {
  const council = party()
  const alice = party()
  const credential = await issueSdJwtVc(
    { cryptography, random, signer: council },
    {
      payload: {
        iss: 'did:web:council.example',
        vct: 'https://council.example/address',
        iat: AT - 1000,
        exp: AT + 100_000,
        cnf: { jwk: { ...jwkFromPublicKey(alice.publicKey) } },
        name: 'Zoë Müller',
        address: { street: 'Rue Haute 1', town: 'Namur', postcode: '5000' },
        nationalities: ['BE', 'FR'],
      },
      disclosable: [
        ['name'],
        ['address'],
        ['address', 'street'],
        ['address', 'town'],
        ['nationalities', null],
      ],
    },
  )
  return { council, alice, credential }
}

describe('an address issued to Alice', () => {
  it('shows the landlord the town and the postcode, and neither street nor name', async () => {
    const { council, alice, credential } = await addressOfAlice()
    const shown = presentSdJwt(credential, { cryptography }, { reveal: [['address', 'town']] })
    const sent = await bindPresentation(
      shown,
      { cryptography, signer: alice },
      { ...REQUEST, issuedAt: AT, contractAnswer: { purpose: 'rental' } },
    )
    const outcome = verifySdJwtVc(
      sent,
      { cryptography },
      { issuerKey: council.publicKey, at: AT, keyBinding: REQUEST },
    )
    expect(outcome).toMatchObject({
      ok: true,
      disclosedPaths: [['address'], ['address', 'town']],
      keyBinding: { payload: { contract_answer: { purpose: 'rental' } } },
    })
    const claims: JsonObject = outcome.ok ? outcome.claims : {}
    expect(claims['address']).toEqual({ town: 'Namur', postcode: '5000' })
    expect(claims['nationalities']).toEqual([])
    expect(claims).not.toHaveProperty('name')
    expect(claims).not.toHaveProperty('_sd')
    expect(claims).not.toHaveProperty('_sd_alg')
  })

  it('reveals one nationality of two, and with nested everything below the address', async () => {
    const { council, credential } = await addressOfAlice()
    const options = { issuerKey: council.publicKey, at: AT, keyBinding: 'none' } as const
    const one = presentSdJwt(credential, { cryptography }, { reveal: [['nationalities', 1]] })
    expect(verifySdJwtVc(one, { cryptography }, options)).toMatchObject({ claims: { nationalities: ['FR'] } })
    const all = presentSdJwt(credential, { cryptography }, { reveal: [['address']], nested: true })
    expect(verifySdJwtVc(all, { cryptography }, options)).toMatchObject({
      claims: { address: { street: 'Rue Haute 1', town: 'Namur', postcode: '5000' } },
    })
  })

  it('shows the same to the byte whether Alice reads the credential again or kept its places', async () => {
    const { credential } = await addressOfAlice()
    const held = parseSdJwt(cryptography, credential)
    const places = disclosurePlaces(credential, held)
    const choices = [['name'], ['address'], ['address', 'town'], ['nationalities', 1], ['iss']]
    for (let some = 0; some < 2 ** choices.length; some++) {
      const reveal = choices.filter((_, index) => (some >> index) & 1)
      expect(presentFromPlaces(credential, places, reveal)).toBe(
        presentSdJwt(credential, { cryptography }, { reveal, nested: true }),
      )
    }
    const other = await addressOfAlice()
    expect(() => disclosurePlaces(other.credential, held)).toThrow('this is another token')
  })

  it('comes to Alice with every claim and its place', async () => {
    const { alice, credential } = await addressOfAlice()
    const { claims, disclosures, holderKey } = parseSdJwt(cryptography, credential)
    expect(claims['name']).toBe('Zoë Müller')
    expect(holderKey).toEqual(alice.publicKey)
    expect(disclosures.map(({ path }) => path.join('.')).sort()).toEqual([
      'address',
      'address.street',
      'address.town',
      'name',
      'nationalities.0',
      'nationalities.1',
    ])
  })

  it('is not taken from an issuer that nobody knows', async () => {
    const { council, credential } = await addressOfAlice()
    const options = { at: AT, keyBinding: 'none' } as const
    const known = async (iss: string | undefined) =>
      iss === 'did:web:council.example' ? council.publicKey : undefined
    expect(await verifySdJwtVcWith(credential, { cryptography, issuerKey: known }, options)).toMatchObject({
      ok: true,
    })
    const nobody = async () => undefined
    expect(await verifySdJwtVcWith(credential, { cryptography, issuerKey: nobody }, options)).toMatchObject({
      problems: [{ code: 'issuer_unknown' }],
    })
  })

  it('gives every reason at once when much is wrong', async () => {
    const { alice, credential } = await addressOfAlice()
    const stranger = party()
    const shown = presentSdJwt(credential, { cryptography }, { reveal: [] })
    const sent = await bindPresentation(
      shown,
      { cryptography, signer: alice },
      { ...REQUEST, issuedAt: AT - 400 },
    )
    const answer = verifyToken(
      {
        token: sent,
        issuerJwk: jwkFromPublicKey(stranger.publicKey),
        audience: 'https://other.example',
        nonce: 'other',
        at: AT + 200_000,
      },
      { cryptography },
    )
    expect(answer.ok).toBe(false)
    expect(answer.claims).toBe(null)
    expect(answer.problems.map(({ code }) => code).sort()).toEqual([
      'expired',
      'issuer_signature',
      'key_binding_audience',
      'key_binding_nonce',
      'key_binding_time',
    ])
  })
})
