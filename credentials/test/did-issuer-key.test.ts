import { didKey } from '@muniment/identity'
import { MunimentError, type DidKey, type Resolver } from '@muniment/interface'
import { describe, expect, test } from 'vitest'
import { didIssuerKey } from '../src/index.ts'
import { COUNCIL, cryptography } from './actors.ts'

const key = (fragment: string, purposes: DidKey['purposes']): DidKey => ({
  id: `${COUNCIL}#${fragment}`,
  publicKey: cryptography.generateKeyPair('ES256').publicKey,
  purposes,
})
const header = (kid?: unknown) => ({ alg: 'ES256', ...(kid !== undefined && { kid: kid as string }) })

/** Resolves the council, and nobody else. */
function resolverOf(...keys: readonly DidKey[]): Resolver {
  return {
    async resolve(did) {
      if (did !== COUNCIL) throw new MunimentError('ERR_DID_UNRESOLVED', 'there is no document')
      return { did, keys, services: [] }
    },
  }
}

describe('the key of an issuer', () => {
  const [first, second] = [key('1', ['assertionMethod']), key('2', ['assertionMethod'])]
  const other = key('3', ['authentication'])
  const find = didIssuerKey(resolverOf(first, second, other), () => true)

  test('is the one that the header names, whole or as a fragment', async () => {
    expect(await find(COUNCIL, header(`${COUNCIL}#2`))).toBe(second.publicKey)
    expect(await find(COUNCIL, header('#1'))).toBe(first.publicKey)
  })

  test('is not guessed where there are several, nor taken from those that certify nothing', async () => {
    expect(await find(COUNCIL, header())).toBeUndefined()
    expect(await find(COUNCIL, header('#3'))).toBeUndefined()
    expect(await find(COUNCIL, header('#4'))).toBeUndefined()
    expect(await find(COUNCIL, header(7))).toBeUndefined()
    expect(await didIssuerKey(resolverOf(first, other), () => true)(COUNCIL, header())).toBe(first.publicKey)
  })

  test('is not looked up for an issuer that is not trusted, or is no DID, or does not resolve', async () => {
    const nobody = didIssuerKey(resolverOf(first), () => false)
    expect(await nobody(COUNCIL, header())).toBeUndefined()
    expect(await find('https://council.example', header('#1'))).toBeUndefined()
    expect(await find(undefined, header('#1'))).toBeUndefined()
    expect(await find(didKey(first.publicKey), header())).toBeUndefined()
  })
})
