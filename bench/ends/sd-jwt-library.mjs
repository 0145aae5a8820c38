// SD-JWT by @sd-jwt/core: as its documentation sets it up, or on the very primitives that ours uses.
import { createHash, randomBytes } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { nodeCryptography as cryptography } from 'muniment/platform'
import { microsecondsOf } from '../measure.mjs'
import { signerOf } from '../sd-jwt/our-keys.mjs'

let steps

export async function prepare({ at, names, payload, keys, request, credential, presentation }, primitives) {
  const library = await (primitives === 'ours' ? onOurPrimitives(keys) : asDocumented(keys))
  const shown = Object.fromEntries(names.map((name) => [name, true]))
  const kb = { payload: { iat: at, aud: request.audience, nonce: request.nonce } }
  const check = () => library.verify(presentation, { keyBindingNonce: request.nonce })
  const present = () => library.present(credential, shown, { kb })
  steps = {
    issue: () => library.issue(payload, { _sd: names }, { header: { typ: 'dc+sd-jwt' } }),
    present,
    present_text: present,
    present_held: present,
    select: () => library.present(credential, shown),
    verify: check,
  }
  return (await check()).payload
}

export function time(step, count) {
  return microsecondsOf(steps[step], count)
}

async function asDocumented({ issuer, holder }) {
  const { d: _issuer, ...issuerKey } = issuer
  const { d: _holder, ...holderKey } = holder
  return new SDJwtInstance({
    signer: await ES256.getSigner(issuer),
    verifier: await ES256.getVerifier(issuerKey),
    signAlg: 'ES256',
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    kbSigner: await ES256.getSigner(holder),
    kbSignAlg: 'ES256',
    kbVerifier: await ES256.getVerifier(holderKey),
  })
}

/** What is left of the difference to ours is the engine alone. */
function onOurPrimitives(keys) {
  const issuer = signerOf(keys.issuer)
  const holder = signerOf(keys.holder)
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
