import { issueSdJwtVc, bindPresentation, presentSdJwt } from '@muniment/credentials'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPairs, inPlace } from './support/people.js'

const AUDIENCE = 'https://landlord.example'
const NONCE = 'n-0S6_WzA2Mj'
/** The moment of the story; the command is told it with `--at`. */
const AT = 1_795_000_000

/** A council has certified Ana's address, and she presents her town to a landlord, who checks it with the command. */
async function landlordWithToken({ file, run }) {
  const issuer = cryptography.signer(cryptography.generateKeyPair('ES256'))
  const holder = cryptography.signer(cryptography.generateKeyPair('ES256'))
  const payload = {
    iss: 'https://council.example',
    vct: 'https://council.example/address',
    exp: AT + 3600,
    cnf: { jwk: jwkFromPublicKey(holder.publicKey) },
    street: 'Rue Haute 1',
    town: 'Namur',
  }
  const credential = await issueSdJwtVc(
    { cryptography, random, signer: issuer },
    { payload, disclosable: [['street'], ['town']] },
  )
  const shown = presentSdJwt(credential, { cryptography }, { reveal: [['town']] })
  const bind = (issuedAt, signer = holder) =>
    bindPresentation(
      shown,
      { cryptography, signer },
      { audience: AUDIENCE, nonce: NONCE, issuedAt, transactionData: [] },
    )
  const jwk = await file('issuer.jwk', jwkFromPublicKey(issuer.publicKey))
  const check = async (input, changes = {}) => {
    const flags = { 'issuer-jwk': jwk, audience: AUDIENCE, nonce: NONCE, at: String(AT), ...changes }
    const words = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    )
    const told = await run(['credential', 'verify', ...words, '--json'], { input })
    return { ...told, codes: told.answer?.problems?.map(({ code }) => code) }
  }
  return { credential, shown, bind, check, sent: await bind(AT) }
}

const issuerJwkOfAnother = () => jwkFromPublicKey(cryptography.generateKeyPair('ES256').publicKey)

suite(
  'a landlord sees the town that was shown to them and not the street, as JSON alone on standard output',
  inPlace(async (place) => {
    const { check, sent } = await landlordWithToken(place)
    const { code, output, errors, answer } = await check(`${sent}\n`)
    assert.is(code, 0)
    assert.is(errors, '')
    assert.is(output.split('\n').length, 2)
    assert.equal(Object.keys(answer), ['ok', 'problems', 'claims'])
    assert.is(answer.ok, true)
    assert.equal(answer.problems, [])
    assert.is(answer.claims.town, 'Namur')
    assert.not.match(output, 'Rue Haute')
  }),
)

suite(
  'the moment of the check is written in Unix seconds or as RFC 3339, in any zone',
  inPlace(async (place) => {
    const { check, sent } = await landlordWithToken(place)
    const zulu = new Date(AT * 1000).toISOString()
    const shifted = `${new Date((AT + 7200) * 1000).toISOString().slice(0, 19)}+02:00`
    for (const at of [String(AT), zulu, shifted]) assert.is((await check(sent, { at })).code, 0, at)
    const later = new Date((AT + 7200) * 1000).toISOString()
    assert.is((await check(sent, { at: later })).code, 1, later)
    for (const at of ['yesterday', '2026-11-23', '2026-13-45T00:00:00Z', '-5', '1e9', '']) {
      const { code, answer } = await check(sent, { at })
      assert.is(code, 2, at)
      assert.is(answer.error.code, 'ERR_USAGE', at)
    }
  }),
)

suite(
  'clocks that are a minute apart agree, and a presentation is good for five minutes',
  inPlace(async (place) => {
    const { check, bind } = await landlordWithToken(place)
    const cases = [
      [AT + 60, 0],
      [AT + 61, 1],
      [AT - 300, 0],
      [AT - 301, 1],
      [AT + 600, 1],
      [AT - 600, 1],
    ]
    await inPairs(cases, async ([issuedAt, code]) => {
      assert.is((await check(await bind(issuedAt))).code, code, `${issuedAt - AT} s`)
    })
  }),
)

suite(
  'each way in which a presentation can be wrong is refused with its code, exit code 1 and no claims',
  inPlace(async (place) => {
    const { check, bind, sent, shown, credential } = await landlordWithToken(place)
    const parts = sent.split('~')
    const [jwt = '', disclosure = '', binding = ''] = parts
    const flip = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const strangerKey = await place.file('stranger.jwk', issuerJwkOfAnother())
    const thief = cryptography.signer(cryptography.generateKeyPair('ES256'))
    const none = `${Buffer.from('{"alg":"none","typ":"dc+sd-jwt"}').toString('base64url')}.${jwt.split('.')[1]}.`
    const wrong = {
      'nothing at all': () => check(''),
      'a line end': () => check('\n'),
      'random bytes': () => check(Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 197 + 131) % 256))),
      'a picture of words': () => check('this is no token'),
      'a megabyte of dots': () => check('.'.repeat(1 << 20)),
      'a token of another issuer': () => check(sent, { 'issuer-jwk': strangerKey }),
      'a changed payload': () => check(sent.replace(jwt, flip(jwt, jwt.indexOf('.') + 20))),
      'a changed disclosure': () => check(sent.replace(disclosure, flip(disclosure, 20))),
      'a disclosure shown twice': () => check([jwt, disclosure, disclosure, binding].join('~')),
      'a changed key binding': () =>
        check(sent.replace(binding, flip(binding, binding.lastIndexOf('.') + 20))),
      'a key binding of a thief': () => bind(AT, thief).then((token) => check(token)),
      'no key binding': () => check(shown),
      'more shown than was bound': () => check([...credential.split('~').slice(0, -1), binding].join('~')),
      'another verifier': () => check(sent, { audience: 'https://other.example' }),
      'another nonce': () => check(sent, { nonce: 'another-nonce' }),
      'no signature at all': () => check(sent.replace(jwt, none)),
      'an expired credential': () => bind(AT + 7200).then((token) => check(token, { at: String(AT + 7200) })),
    }
    const told = await inPairs(Object.entries(wrong), async ([what, tell]) => ({ what, ...(await tell()) }))
    const codes = new Set()
    for (const each of told) {
      assert.is(each.code, 1, each.what)
      assert.is(each.errors, '', each.what)
      assert.is(each.answer.ok, false, each.what)
      assert.is(each.answer.claims, null, each.what)
      assert.ok(each.codes.length > 0 && each.codes.every((code) => /^[a-z][a-z_]+$/u.test(code)), each.what)
      for (const code of each.codes) codes.add(code)
    }
    for (const { what, codes: found } of told.slice(0, 4)) assert.equal(found, ['malformed'], what)
    assert.ok(codes.size >= 8, `codes tell apart what is wrong: ${[...codes].join(', ')}`)
  }),
)

suite(
  'only wrong flags are wrong usage: a missing, unreadable or useless key file, an unknown flag',
  inPlace(async (place) => {
    const { check, sent } = await landlordWithToken(place)
    const notJson = await place.file('not.jwk', 'no JSON')
    const noKey = await place.file('no-key.jwk', {})
    for (const file of [undefined, `${place.root}/nowhere.jwk`, notJson, noKey, place.root]) {
      assert.is((await check(sent, { 'issuer-jwk': file })).code, 2, String(file))
    }
    assert.is((await place.run(['credential', 'verify', '--no-such-flag'], { input: '' })).code, 2)
  }),
)

suite(
  'someone looks at a credential without checking it, and is told that it was not checked',
  inPlace(async (place) => {
    const { credential } = await landlordWithToken(place)
    const { code, answer } = await place.run(['credential', 'inspect', '--json'], { input: credential })
    assert.is(code, 0)
    assert.is(answer.checked, false)
    assert.is(answer.claims.town, 'Namur')
    assert.is(answer.disclosures.length, 2)
    assert.is(answer.isBound, false)
    for (const input of ['', 'nonsense', '~~~', '{}', 'a.b.c~']) {
      const told = await place.run(['credential', 'inspect', '--json'], { input })
      assert.is(told.code, 1, input)
      assert.is(told.answer.ok, false)
      assert.is(told.answer.problems[0].code, 'malformed')
    }
  }),
)

suite.run()
