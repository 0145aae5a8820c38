import { base64url, fromBase64url, fromUtf8, utf8 } from '@muniment/crypto'
import { type ContractAnswer, decodePresentation, encodePresentation, type Offer } from '@muniment/contract'
import {
  bindPresentation,
  copyDates,
  incomeAtLeast,
  issueSdJwtVc,
  presentSdJwt,
  TEMPLATES,
} from '@muniment/credentials'
import { didKey, jwkFromPublicKey } from '@muniment/identity'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { ADDRESS_CLAIMS, INCOME_CLAIMS } from './tenancy.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }
/** The order of the group of P-256 (FIPS 186-5). */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/** What Mallory tries with a presentation that she copied. */
export type Forgery = 'as it is' | 'signature twin' | 'tampered'

/** Changes copied bytes. */
export function forge(bytes: Uint8Array, forgery: Forgery): Uint8Array {
  if (forgery === 'as it is') return bytes
  const change = forgery === 'tampered' ? tamper : twin
  const token = decodePresentation(bytes)
  return encodePresentation(
    Object.fromEntries(Object.entries(token).map(([id, shown]) => [id, shown.map((text) => change(text))])),
  )
}

/** The other signature that verifies for the same message: (r, n − s). */
function twin(presentation: string): string {
  const at = presentation.lastIndexOf('.') + 1
  const signature = fromBase64url(presentation.slice(at))
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex')
  return presentation.slice(0, at) + base64url(new Uint8Array([...signature.subarray(0, 32), ...other]))
}

/** Another town in a disclosure. */
function tamper(presentation: string): string {
  const parts = presentation.split('~')
  const changed = parts.map((part, index) => {
    if (index === 0 || index === parts.length - 1) return part
    return base64url(utf8(fromUtf8(fromBase64url(part)).replace('Lyon', 'Paris').replace('true', 'false')))
  })
  return changed.join('~')
}

/** Credentials that Mallory signs herself, shown as if a council and an employer had. */
export async function strangersPresentation(
  offer: Offer,
  contractAnswer: ContractAnswer,
): Promise<Uint8Array> {
  const issuer = nodeCryptography.generateKeyPair('ES256')
  const token: Record<string, readonly string[]> = {}
  for (const { id, vct, required } of offer.proposal.terms.what) {
    const template = TEMPLATES.find((known) => vct.includes(known.vct))
    if (!template) continue
    const holder = nodeCryptography.generateKeyPair('ES256')
    const facts = template.id === 'proof-of-address' ? ADDRESS_CLAIMS : incomeFacts()
    const dates = copyDates(nodeClock)
    const credential = await issueSdJwtVc(
      { ...COMPONENTS, signer: nodeCryptography.signer(issuer) },
      {
        payload: {
          ...facts,
          iss: didKey(issuer.publicKey),
          vct: template.vct,
          ...dates,
          cnf: { jwk: { ...jwkFromPublicKey(holder.publicKey) } },
        },
        disclosable: required.map(({ path }) => path),
      },
    )
    const shown = presentSdJwt(credential, COMPONENTS, {
      reveal: required.map(({ path }) => path),
      nested: true,
    })
    const bound = await bindPresentation(
      shown,
      { ...COMPONENTS, signer: nodeCryptography.signer(holder) },
      {
        audience: offer.clientId,
        nonce: offer.nonce,
        issuedAt: Math.floor(nodeClock.now() / 1000),
        transactionData: [offer.transactionData.get(id) ?? ''],
        contractAnswer,
      },
    )
    token[id] = [bound]
  }
  return encodePresentation(token)
}

function incomeFacts(): typeof INCOME_CLAIMS & {
  readonly income_at_least: Readonly<Record<string, boolean>>
} {
  return { ...INCOME_CLAIMS, income_at_least: incomeAtLeast(INCOME_CLAIMS.annual_income) }
}
