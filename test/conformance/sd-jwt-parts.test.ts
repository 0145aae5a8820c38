import { base64url, utf8 } from '@muniment/crypto'
import { describe, expect, it } from 'vitest'
import { digestOf, encoded, forge } from './sd-jwt-forge.ts'

const name = encoded(['c2FsdDE', 'name', 'Zoë'])

describe('the parts of an SD-JWT (RFC 9901, section 4)', () => {
  it.each([
    ['', 'nothing'],
    ['~', 'only a tilde'],
    ['x', 'no token'],
    ['a.b~', 'two parts'],
    ['.e30.e30~', 'no header'],
    ['{"a":1}', 'another JSON object'],
    ['\u0000', 'a control character'],
    ['😀~', 'an emoji'],
  ])('4: %j (%s) is malformed', (text) => {
    expect(forge().codes(text)).toEqual(['malformed'])
  })

  it('4: a JWT without its ~ is malformed', async () => {
    const { sign, codes } = forge()
    expect(codes(await sign({}))).toEqual(['malformed'])
  })

  it('4: a JWT with four parts, or with spaces or padding, is malformed', async () => {
    const { sign, codes } = forge()
    const jwt = await sign({})
    for (const odd of [`${jwt}.x~`, ` ${jwt}~`, `${jwt}=~`, `${jwt} ~`, `${jwt}~ `, `${jwt}\n~`]) {
      expect(codes(odd)).toEqual(['malformed'])
    }
  })

  it('4: an empty disclosure is not accepted', async () => {
    const { sign, codes } = forge()
    expect(codes(`${await sign({})}~~`)).toEqual(['disclosure_malformed'])
  })

  it('4.1: _sd and ... stand for nothing but digests', async () => {
    const { token, codes } = forge()
    for (const odd of ['x', 1, null, {}, [1], [null], [['x']]]) {
      expect(codes(await token({ a: { _sd: odd } }))).toEqual(['disclosure_malformed'])
    }
    for (const odd of [{ '...': 'x' }, { a: { '...': 'x' } }, { a: [{ '...': 'x', b: 1 }] }]) {
      expect(codes(await token(odd))).toEqual(['disclosure_reserved_name'])
    }
    expect(codes(await token({ a: [{ '...': 1 }] }))).toEqual(['disclosure_malformed'])
    expect(codes(await token({ a: [{ '...': null }] }))).toEqual(['disclosure_malformed'])
  })

  it('4.1: _sd and ... inside the value of a disclosure are held to the same rules', async () => {
    const { token, codes } = forge()
    const odd = encoded(['s', 'a', { _sd: 'x' }])
    expect(codes(await token({ _sd: [digestOf(odd)] }, [odd]))).toEqual(['disclosure_malformed'])
    const dots = encoded(['s', 'a', { '...': 'x' }])
    expect(codes(await token({ _sd: [digestOf(dots)] }, [dots]))).toEqual(['disclosure_reserved_name'])
  })

  it('4.1.1: _sd_alg stands at the top level only', async () => {
    const { token, codes } = forge()
    expect(codes(await token({ a: { _sd_alg: 'sha-256' } }))).toEqual(['disclosure_reserved_name'])
  })

  it('4.2.1: a salt is a text', async () => {
    const { token, codes } = forge()
    const odd = encoded([1, 'name', 'Zoë'])
    expect(codes(await token({ _sd: [digestOf(odd)] }, [odd]))).toEqual(['disclosure_malformed'])
  })

  it('4.2.3: the base64url of a disclosure has one form (RFC 7515, section 2)', async () => {
    const { token, codes } = forge()
    const last = encoded(['salt', 'n', 12])
    const other = last.slice(0, -1) + String.fromCharCode(last.charCodeAt(last.length - 1) + 1)
    for (const odd of [`${name}=`, `${name} `, name.replace('W', '+'), other]) {
      expect(codes(await token({ _sd: [digestOf(odd)] }, [odd]))).not.toEqual([])
    }
  })

  it('8: the JSON serialisation is refused clearly', () => {
    const { codes } = forge()
    expect(codes(JSON.stringify({ payload: 'x', protected: 'y', signature: 'z' }))).toEqual([
      'unsupported_format',
    ])
    expect(codes(JSON.stringify({ payload: 'x', signatures: [] }))).toEqual(['unsupported_format'])
  })
})

describe('tokens that two readers could understand differently', () => {
  it.each([
    ['a claim twice (RFC 8725, section 2.4; RFC 7519, section 4)', '{"a":1,"a":2}'],
    ['a claim twice, once escaped', String.raw`{"a":1,"\u0061":2}`],
    ['a claim twice, nested', '{"x":[{"a":1,"b":"\\":","a":2}]}'],
    ['a lone surrogate (RFC 7493, section 2.1)', String.raw`{"a":"\ud800"}`],
    ['a number past the range of a double', '{"a":1e400}'],
    ['the name __proto__', '{"__proto__":{"admin":true}}'],
    ['a byte order mark', '\ufeff{}'],
    ['a payload that is an array', '[]'],
    ['a payload that is null', 'null'],
    ['nothing as payload', ' '],
    ['a text after the payload', '{} {}'],
    ['nesting without end', '[{"a":'.repeat(5000)],
    ['closed nesting', `{"a":${'['.repeat(60)}${']'.repeat(60)}}`],
  ])('%s is malformed', async (_, payload) => {
    const { token, codes } = forge()
    expect(codes(await token(payload))).toEqual(['malformed'])
  })

  it.each([
    '{"a":"x:y{[","b":"\\\\","c":"\\":"}',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"\\ud83d\\ude00"}',
  ])('%s is fine', async (payload) => {
    const { token, claims } = forge()
    expect(claims(await token(payload))).toEqual(JSON.parse(payload))
  })

  it('bytes that are not UTF-8 are malformed', async () => {
    const { codes, issuer } = forge()
    const input = `${encoded({ alg: 'ES256' })}.${base64url(Uint8Array.of(0x22, 0xff, 0x22))}`
    expect(codes(`${input}.${base64url(await issuer.sign(utf8(input)))}~`)).toEqual(['malformed'])
  })

  it('a repeated name or __proto__ in a disclosure or a header is refused, and nothing is polluted', async () => {
    const { token, codes } = forge()
    const twice = encoded('["s","a",{"b":1,"b":2}]')
    expect(codes(await token({ _sd: [digestOf(twice)] }, [twice]))).toContain('disclosure_malformed')
    const proto = encoded('["s","a",{"__proto__":{"admin":true}}]')
    expect(codes(await token({ _sd: [digestOf(proto)] }, [proto]))).toContain('disclosure_malformed')
    const named = encoded('["s","__proto__",{"admin":true}]')
    expect(codes(await token({ _sd: [digestOf(named)] }, [named]))).toEqual(['disclosure_name'])
    expect(Object(undefined).admin).toBe(undefined)
  })

  it('a chain of disclosures ten thousand deep ends in a refusal', async () => {
    const { token, codes } = forge()
    let below = encoded(['s', 'end'])
    const chain = [below]
    for (let depth = 0; depth < 10_000; depth++) {
      below = encoded(['s', [{ '...': digestOf(below) }]])
      chain.push(below)
    }
    expect(codes(await token({ a: [{ '...': digestOf(below) }] }, chain))).toContain('malformed')
  })

  it('an extension marked critical is not accepted (RFC 7515, section 4.1.11)', async () => {
    const { token, codes } = forge()
    expect(codes(await token({}, [], { crit: ['b64'], b64: false }))).toEqual(['header_critical'])
    expect(codes(await token({}, [], { crit: [] }))).toEqual(['header_critical'])
  })
})
