// What no verifier can do without: the two ES256 signatures of a presentation checked with node:crypto, with the keys
// imported and the parts decoded before. Node is fastest with signatures in DER; tokens carry r ∥ s.
import { createPublicKey, verify } from 'node:crypto'
import { ecdsaToDer } from '../../node/dist/platform/ecdsa-der.js'
import { microsecondsOf } from '../measure.mjs'

let steps

export function prepare({ keys, presentation }) {
  const parts = presentation.split('~')
  const tokens = [
    [parts[0], keys.issuer],
    [parts.at(-1), keys.holder],
  ]
  const all = (checks) => () => {
    if (!checks.every((isGood) => isGood())) throw new Error('a raw check failed')
  }
  steps = {
    der: all(tokens.map(([jwt, jwk]) => checkOf(jwt, jwk, 'der'))),
    jose: all(tokens.map(([jwt, jwk]) => checkOf(jwt, jwk, 'ieee-p1363'))),
  }
}

export function time(step, count) {
  return microsecondsOf(steps[step], count)
}

function checkOf(jwt, { kty, crv, x, y }, dsaEncoding) {
  const end = jwt.lastIndexOf('.')
  const input = Buffer.from(jwt.slice(0, end))
  const signature = Buffer.from(jwt.slice(end + 1), 'base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty, crv, x, y } })
  const der = ecdsaToDer(signature)
  return dsaEncoding === 'der'
    ? () => verify('sha256', input, key, der)
    : () => verify('sha256', input, { key, dsaEncoding }, signature)
}
