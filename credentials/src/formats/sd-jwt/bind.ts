import { type Cryptography, MunimentError, type Signer } from '@muniment/interface'
import type { JsonObject } from '../../jose/json.ts'
import { signJws } from '../../jose/jws.ts'
import { refuseUnissuable } from './issuable.ts'
import { sdHash, transactionDataHash } from './sd-hash.ts'

/** What a presentation is bound to. */
export interface BindingDraft {
  /** The verifier, in the form its request gave. */
  readonly audience: string
  /** The nonce of the verifier's request. */
  readonly nonce: string
  /** When the holder agreed, Unix seconds. */
  readonly issuedAt: number
  /** The items of transaction data of the request, exactly as received. */
  readonly transactionData?: readonly string[]
  /** What the holder answers to a contract: the claim `contract_answer`, which may only narrow (protocol rule 15). */
  readonly contractAnswer?: JsonObject
  /** Further claims of the key-binding JWT; those that this function sets itself are refused. */
  readonly claims?: JsonObject
}

const OWN_CLAIMS = [
  'iat',
  'aud',
  'nonce',
  'sd_hash',
  'transaction_data_hashes',
  'transaction_data_hashes_alg',
  'contract_answer',
]

/**
 * Signs a presentation for one verifier and one request (RFC 9901, section 4.3): gives the SD-JWT+KB, byte for byte as
 * it is sent. Throws `ERR_INVALID_ARGUMENT` for a presentation that does not end with `~` or already has a key binding.
 *
 * @param presentation - what `presentSdJwt` gave
 */
export async function bindPresentation(
  presentation: string,
  components: { readonly cryptography: Cryptography; readonly signer: Signer },
  draft: BindingDraft,
): Promise<string> {
  const { cryptography, signer } = components
  const { audience, nonce, issuedAt, transactionData = [], contractAnswer, claims = {} } = draft
  if (!presentation.endsWith('~')) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a presentation to be bound ends with ~')
  }
  refuseUnissuable(claims)
  if (OWN_CLAIMS.some((name) => Object.hasOwn(claims, name))) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a claim of the key binding is set by its own option')
  }
  if (contractAnswer !== undefined) refuseUnissuable(contractAnswer)
  const hashes = transactionData.map((item) => transactionDataHash(cryptography, item))
  const payload: JsonObject = {
    iat: issuedAt,
    aud: audience,
    nonce,
    sd_hash: sdHash(cryptography, presentation),
    ...(hashes.length > 0 ? { transaction_data_hashes: hashes, transaction_data_hashes_alg: 'sha-256' } : {}),
    ...(contractAnswer === undefined ? {} : { contract_answer: contractAnswer }),
    ...claims,
  }
  return presentation + (await signJws(signer, { typ: 'kb+jwt' }, payload))
}
