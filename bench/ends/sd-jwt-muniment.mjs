// SD-JWT by @muniment/credentials.
import {
  bindPresentation,
  issueSdJwtVc,
  parseSdJwt,
  disclosurePlaces,
  presentFromPlaces,
  presentSdJwt,
  verifySdJwtVc,
} from '@muniment/credentials'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { microsecondsOf } from '../measure.mjs'
import { signerOf } from '../sd-jwt/our-keys.mjs'

let steps

export function prepare({ at, names, payload, keys, request, credential, presentation }) {
  const issuer = signerOf(keys.issuer)
  const holder = signerOf(keys.holder)
  const disclosable = names.map((name) => [name])
  const held = parseSdJwt(cryptography, credential)
  const places = disclosurePlaces(credential, held)
  const select = (from) => presentSdJwt(from, { cryptography }, { reveal: disclosable })
  const bind = (shown) =>
    bindPresentation(shown, { cryptography, signer: holder }, { ...request, issuedAt: at })
  const check = () =>
    verifySdJwtVc(presentation, { cryptography }, { issuerKey: issuer.publicKey, at, keyBinding: request })
  steps = {
    issue: () => issueSdJwtVc({ cryptography, random, signer: issuer }, { payload, disclosable }),
    present: () => bind(presentFromPlaces(credential, places, disclosable)),
    present_text: () => bind(select(credential)),
    present_held: () => bind(select(held)),
    select: () => select(credential),
    verify: () => {
      const outcome = check()
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
    },
  }
  return check().claims
}

export function time(step, count) {
  return microsecondsOf(steps[step], count)
}
