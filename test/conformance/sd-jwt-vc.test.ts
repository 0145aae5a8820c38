import { jwkFromPublicKey } from '@muniment/identity'
import { describe, expect, it } from 'vitest'
import { AT, digestOf, encoded, forge } from './sd-jwt-forge.ts'

describe('an SD-JWT VC (SD-JWT VC, section 3)', () => {
  it.each(['dc+sd-jwt', 'vc+sd-jwt'])('3.2.1: typ %s calls for its rules', async (typ) => {
    const { token, codes } = forge()
    expect(codes(await token({}, [], { typ }))).toEqual(['vct_missing'])
    expect(codes(await token({ vct: '' }, [], { typ }))).toEqual(['vct_missing'])
    expect(codes(await token({ vct: 'https://x.example/y' }, [], { typ }))).toEqual([])
  })

  it.each(['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status'])(
    '3.2.2.2: %s cannot be a disclosure',
    async (claim) => {
      const { token, codes, cnf } = forge()
      const values: Record<string, unknown> = { nbf: AT, exp: AT, cnf, status: {} }
      const disclosure = encoded(['s', claim, values[claim] ?? 'x'])
      const payload = { ...(claim === 'vct' ? {} : { vct: 'x' }), _sd: [digestOf(disclosure)] }
      expect(codes(await token(payload, [disclosure], { typ: 'dc+sd-jwt' }))).toEqual([
        'claim_not_disclosable',
      ])
    },
  )

  it('3.2.2.2: nor can a part of cnf', async () => {
    const { token, codes, holder } = forge()
    const jwk = encoded(['s', 'jwk', jwkFromPublicKey(holder.publicKey)])
    const payload = { vct: 'x', cnf: { _sd: [digestOf(jwk)] } }
    expect(codes(await token(payload, [jwk], { typ: 'dc+sd-jwt' }))).toEqual(['claim_not_disclosable'])
  })

  it.each([{ iss: 1 }, { cnf: 'x' }, { status: [] }])('3.2.2.2: %j is malformed', async (claims) => {
    const { token, codes } = forge()
    expect(codes(await token({ vct: 'x', ...claims }, [], { typ: 'dc+sd-jwt' }))).toEqual(['malformed'])
  })
})
