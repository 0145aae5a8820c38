// SD-JWT with key binding: issue, present and verify, ours against @sd-jwt/core and against two raw ES256 checks.
// Run it by itself, or through run.mjs.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import {
  bindPresentation,
  issueSdJwtVc,
  parseSdJwt,
  presentSdJwt,
  verifySdJwtVc,
} from '@muniment/credentials'
import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { medians } from './measure.mjs'

const AT = Math.floor(Date.now() / 1000)
const REQUEST = { audience: 'https://verifier.example', nonce: 'XZOUco1u_gEPknxS78sWWg', transactionData: [] }

/**
 * What must be reached, and what is aimed at. `raw` is a part of the speed of two raw verifications. `present` selects
 * disclosures of a credential that the wallet holds parsed, as it does to match requests; the library parses its text
 * each time, so the same from text is printed too, and with the signature of the key binding, which bounds any ratio.
 */
export const TARGETS = {
  issue: { required: 3, goal: 4 },
  present: { required: 8, goal: 10 },
  verify: { required: 2, goal: 2.5 },
  raw: { 10: { required: 0.7, goal: 0.85 }, 100: { required: 0.5 } },
}

/** All figures for a number of claims, each disclosable and all of them shown. */
async function figures(count) {
  const parties = keys()
  const { issuer, holder } = parties
  const names = Array.from({ length: count }, (_, index) => `claim_${index}`)
  const payload = {
    iss: 'https://issuer.example',
    vct: 'https://issuer.example/credential',
    iat: AT,
    exp: AT + 86_400,
    cnf: { jwk: jwkFromPublicKey(holder.publicKey) },
    ...Object.fromEntries(names.map((name, index) => [name, `the value of claim ${index}`])),
  }
  const paths = names.map((name) => [name])
  const frame = { _sd: names }
  const shown = Object.fromEntries(names.map((name) => [name, true]))
  const header = { header: { typ: 'dc+sd-jwt' } }
  const kb = { payload: { iat: AT, aud: REQUEST.audience, nonce: REQUEST.nonce } }

  const same = onSamePrimitives(parties)
  const own = await onItsOwnPrimitives(parties)
  const issue = () => issueSdJwtVc({ cryptography, random, signer: issuer }, { payload, disclosable: paths })
  const credential = await issue()
  const held = parseSdJwt(cryptography, credential)
  const select = (from) => () => presentSdJwt(from, { cryptography }, { reveal: paths })
  const bind = () =>
    bindPresentation(select(held)(), { cryptography, signer: holder }, { ...REQUEST, issuedAt: AT })
  const sent = await bind()
  const options = { issuerKey: issuer.publicKey, at: AT, keyBinding: REQUEST }
  const checked = () => {
    const outcome = verifySdJwtVc(sent, { cryptography }, options)
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
    return outcome
  }
  const checkedBy = (library) => () => library.verify(sent, { keyBindingNonce: REQUEST.nonce })
  const seen = (await checkedBy(same)()).payload
  if (JSON.stringify(sorted(seen)) !== JSON.stringify(sorted(checked().claims)))
    throw new Error('the two disagree')

  return {
    claims: count,
    issue: await medians({
      ours: issue,
      library: () => own.issue(payload, frame, header),
      libraryOnOurPrimitives: () => same.issue(payload, frame, header),
    }),
    present: await medians({
      ours: select(held),
      library: () => own.present(credential, shown),
      libraryOnOurPrimitives: () => same.present(credential, shown),
    }),
    present_from_text: await medians({
      ours: select(credential),
      library: () => own.present(credential, shown),
      libraryOnOurPrimitives: () => same.present(credential, shown),
    }),
    present_and_bind: await medians({
      ours: bind,
      library: () => own.present(credential, shown, { kb }),
      libraryOnOurPrimitives: () => same.present(credential, shown, { kb }),
    }),
    verify: await medians({
      ours: checked,
      library: checkedBy(own),
      libraryOnOurPrimitives: checkedBy(same),
    }),
    // Apart from the library, whose garbage would be collected at the cost of whoever runs next.
    raw: await medians({ ours: checked, raw: rawChecks(sent, parties) }),
  }
}

function keys() {
  const pairs = {
    issuer: cryptography.generateKeyPair('ES256'),
    holder: cryptography.generateKeyPair('ES256'),
  }
  return { pairs, issuer: cryptography.signer(pairs.issuer), holder: cryptography.signer(pairs.holder) }
}

const sorted = (claims) => Object.entries(claims).sort(([left], [right]) => (left < right ? -1 : 1))

/** The library on the very primitives that ours uses: the difference is the engine alone. */
function onSamePrimitives({ issuer, holder }) {
  const signs = (signer) => async (input) => base64url(await signer.sign(utf8(input)))
  const verifies = (signer) => async (input, signature) =>
    cryptography.verify(signer.publicKey, utf8(input), fromBase64url(signature))
  return new SDJwtInstance({
    signer: signs(issuer),
    verifier: verifies(issuer),
    signAlg: 'ES256',
    hasher: (content) => createHash('sha256').update(content).digest(),
    hashAlg: 'sha-256',
    saltGenerator: () => randomBytes(16).toString('base64url'),
    kbSigner: signs(holder),
    kbSignAlg: 'ES256',
    kbVerifier: verifies(holder),
  })
}

/** The library as its documentation sets it up, with @sd-jwt/crypto-nodejs. */
async function onItsOwnPrimitives({ pairs }) {
  const publicJwk = ({ publicKey }) => ({ ...jwkFromPublicKey(publicKey) })
  const privateJwk = (pair) => ({ ...publicJwk(pair), d: base64url(pair.secretKey) })
  return new SDJwtInstance({
    signer: await ES256.getSigner(privateJwk(pairs.issuer)),
    verifier: await ES256.getVerifier(publicJwk(pairs.issuer)),
    signAlg: 'ES256',
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    kbSigner: await ES256.getSigner(privateJwk(pairs.holder)),
    kbSignAlg: 'ES256',
    kbVerifier: await ES256.getVerifier(publicJwk(pairs.holder)),
  })
}

/** The two signatures of a presentation checked with node:crypto and nothing else: what no verifier can do without. */
function rawChecks(sent, { issuer, holder }) {
  const compact = sent.split('~')
  const check = (jwt, { publicKey }) => {
    const end = jwt.lastIndexOf('.')
    const input = Buffer.from(jwt.slice(0, end))
    const signature = Buffer.from(jwt.slice(end + 1), 'base64url')
    const key = createPublicKey({ format: 'jwk', key: jwkFromPublicKey(publicKey) })
    return () => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
  const checks = [check(compact[0], issuer), check(compact.at(-1), holder)]
  return () => {
    if (!checks.every((isGood) => isGood())) throw new Error('a raw check failed')
  }
}

/** Ratios at 10 and 100 claims: how many times faster than the library, and which part of the raw speed. */
export async function benchSdJwt() {
  const results = []
  for (const count of [10, 100]) {
    const measured = await figures(count)
    const ratios = (step) => ({
      ours_us: round(measured[step].ours),
      library_us: round(measured[step].library),
      times_library: round(measured[step].library / measured[step].ours),
      library_on_our_primitives_us: round(measured[step].libraryOnOurPrimitives),
      times_library_on_our_primitives: round(measured[step].libraryOnOurPrimitives / measured[step].ours),
      ...TARGETS[step],
    })
    results.push({
      claims: count,
      issue: ratios('issue'),
      present: ratios('present'),
      present_from_text: ratios('present_from_text'),
      present_and_bind: ratios('present_and_bind'),
      verify: ratios('verify'),
      raw: {
        two_checks_us: round(measured.raw.raw),
        part_of_raw_speed: round(measured.raw.raw / measured.raw.ours),
        ...TARGETS.raw[count],
      },
    })
  }
  return results
}

const round = (value) => Math.round(value * 100) / 100

/** The figures as lines for a person. */
export function describeSdJwt(results) {
  const lines = ['SD-JWT with key binding, against @sd-jwt/core 0.19']
  for (const { claims, raw, ...steps } of results) {
    for (const [step, s] of Object.entries(steps)) {
      lines.push(
        `  ${step.replaceAll('_', ' ')} ${claims} claims: ${s.ours_us} µs, ${s.times_library} × the library` +
          `${s.required ? ` (required ${s.required}, goal ${s.goal})` : ''}; ` +
          `${s.times_library_on_our_primitives} × when it runs on our primitives`,
      )
    }
    lines.push(
      `  verify ${claims} claims: ${Math.round(raw.part_of_raw_speed * 100)} % of the speed of two raw ES256 checks ` +
        `(required ${raw.required * 100} %${raw.goal ? `, goal ${raw.goal * 100} %` : ''})`,
    )
  }
  return lines.join('\n')
}
