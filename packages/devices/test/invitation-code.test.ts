import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import { makeCode, parseCode } from '../src/invitation-code.ts'
import { invitationLink, readInvitation } from '../src/invitation-secret.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const code = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => makeCode(() => bytes))
const mistyped = expect.objectContaining({ code: 'ERR_INVITATION_MISTYPED' })

describe('a short code', () => {
  test('is read back however a person types it', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(code, (shown) => {
          expect(shown).toMatch(/^[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}$/)
          const sloppy = shown.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
          expect(parseCode(sloppy)).toBe(shown)
        }),
        { seed },
      ),
    )
  })

  test('with any one letter wrong is caught on the typing device', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(code, (shown) => {
          const letters = shown.replaceAll('-', '')
          for (let at = 0; at < letters.length; at++) {
            for (const other of ALPHABET) {
              if (other === letters[at]) continue
              const slip = letters.slice(0, at) + other + letters.slice(at + 1)
              expect(() => parseCode(slip)).toThrow(mistyped)
            }
          }
        }),
        { numRuns: 20, seed },
      ),
    )
  })

  test('with any two neighbours exchanged is caught on the typing device', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(code, (shown) => {
          const letters = [...shown.replaceAll('-', '')]
          for (let at = 0; at + 1 < letters.length; at++) {
            const left = letters[at] ?? ''
            const right = letters[at + 1] ?? ''
            if (left === right) continue
            const slip = [...letters.slice(0, at), right, left, ...letters.slice(at + 2)].join('')
            expect(() => parseCode(slip)).toThrow(mistyped)
          }
        }),
        { seed },
      ),
    )
  })

  test('with a letter missing, one too many, or one that no code has is caught', () => {
    const shown = makeCode(nodeRandom)
    for (const slip of ['', shown.slice(1), `${shown}0`, `U${shown.slice(1)}`, `é${shown.slice(1)}`]) {
      expect(() => parseCode(slip)).toThrow(mistyped)
    }
  })
})

describe('an invitation link', () => {
  const address = '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWExample?&='

  test('carries the secret and the addresses', () => {
    const secret = nodeRandom(16)
    const link = invitationLink(secret, [address, '/dns4/home.example/tcp/1'])
    expect(link.startsWith('muniment:pair?')).toBe(true)
    expect(readInvitation(` ${link}\n`)).toEqual({
      secret: { form: 'link', secret },
      addresses: [address, '/dns4/home.example/tcp/1'],
    })
  })

  test('cut short, or of a newer version, is not taken for an invitation', () => {
    const link = invitationLink(nodeRandom(16), [])
    expect(() => readInvitation(link.slice(0, -1))).toThrow(mistyped)
    expect(() => readInvitation('muniment:pair?v=1')).toThrow(mistyped)
    expect(() => readInvitation(link.replace('v=1', 'v=2'))).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    )
    expect(() => readInvitation(`${link}&a=${'x'.repeat(9000)}`)).toThrow(mistyped)
  })

  test('a code is read as a code', () => {
    const shown = makeCode(nodeRandom)
    expect(readInvitation(shown)).toEqual({ secret: { form: 'code', code: shown }, addresses: [] })
  })
})
