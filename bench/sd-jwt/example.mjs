import { bindPresentation, issueSdJwtVc, presentSdJwt } from '@muniment/credentials'
import { base64url } from '@muniment/crypto'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'

const AUDIENCE = 'https://verifier.example'
const NONCE = 'XZOUco1u_gEPknxS78sWWg'

/**
 * What all contenders work on: keys of an issuer and of a holder, a payload of so many claims, each disclosable and all of
 * them shown, the credential made of it, and a presentation with key binding. All of it is JSON.
 */
export async function exampleOf(count) {
  const issuer = cryptography.generateKeyPair('ES256')
  const holder = cryptography.generateKeyPair('ES256')
  const at = Math.floor(Date.now() / 1000)
  const names = Array.from({ length: count }, (_, index) => `claim_${index}`)
  const payload = {
    iss: 'https://issuer.example',
    vct: 'https://issuer.example/credential',
    iat: at,
    exp: at + 86_400,
    cnf: { jwk: jwkFromPublicKey(holder.publicKey) },
    ...Object.fromEntries(names.map((name, index) => [name, `the value of claim ${index}`])),
  }
  const disclosable = names.map((name) => [name])
  const signer = cryptography.signer(issuer)
  const credential = await issueSdJwtVc({ cryptography, random, signer }, { payload, disclosable })
  const shown = presentSdJwt(credential, { cryptography }, { reveal: disclosable })
  const components = { cryptography, signer: cryptography.signer(holder) }
  const request = { audience: AUDIENCE, nonce: NONCE, transactionData: [] }
  const presentation = await bindPresentation(shown, components, { ...request, issuedAt: at })
  const keys = { issuer: privateJwk(issuer), holder: privateJwk(holder) }
  return { at, names, payload, keys, request, credential, presentation }
}

function privateJwk({ publicKey, secretKey }) {
  return { ...jwkFromPublicKey(publicKey), d: base64url(secretKey) }
}
