import { publicKeyFromJwk } from '@muniment/identity'
import { type Cryptography, MunimentError, type PublicKey } from '@muniment/interface'
import { isJsonObject, type JsonObject } from '../../jose/json.ts'
import { type JwsHeader, parseJws } from '../../jose/jws.ts'
import { type CompactParts, splitCompact } from './compact.ts'
import { type Disclosure, parseDisclosure } from './disclosure.ts'
import { type Placement, processPayload } from './process-payload.ts'

/** A disclosure and its place. */
export interface PlacedDisclosure extends Disclosure, Omit<Placement, 'disclosure'> {}

/** An SD-JWT taken apart, of which no signature was checked. */
export interface SdJwt {
  readonly header: JwsHeader
  /** The payload as the issuer signed it, digests included. */
  readonly payload: JsonObject
  /** The claims with every disclosure in its place. */
  readonly claims: JsonObject
  /** The disclosures in the order in which their digests were found, so that a parent stands before its children. */
  readonly disclosures: readonly PlacedDisclosure[]
  /** The issuer-signed JWT, as it is sent. */
  readonly issuerJwt: string
  /** The key-binding JWT, when the token is a presentation that carries one. */
  readonly keyBindingJwt?: string
  /** The holder's key from `cnf`, when there is one. */
  readonly holderKey?: PublicKey
}

/**
 * Takes a compact SD-JWT apart for the person who holds it, and checks that all its disclosures have their place
 * (RFC 9901, section 7.1, steps 1 and 3 to 5). The signature is not checked: a holder verifies once, on receipt.
 * Throws `ERR_MALFORMED`, and `ERR_UNSUPPORTED` for the JSON serialisation.
 */
export function parseSdJwt(cryptography: Cryptography, token: string): SdJwt {
  const { header, payload, claims, placed, issuerJwt, keyBindingJwt } = readSdJwt(cryptography, token)
  const holderKey = claims['cnf'] === undefined ? undefined : keyOfConfirmation(claims)
  return {
    header,
    payload,
    claims,
    disclosures: placed.map(withPlace),
    issuerJwt,
    ...(keyBindingJwt === undefined ? {} : { keyBindingJwt }),
    ...(holderKey === undefined ? {} : { holderKey }),
  }
}

/** What presenting needs of an SD-JWT that was taken apart. */
export interface ReadSdJwt extends Pick<SdJwt, 'header' | 'payload' | 'claims' | 'issuerJwt'> {
  readonly placed: readonly Placement[]
  readonly keyBindingJwt: string | undefined
}

/** {@link parseSdJwt} without the holder's key, and with the disclosures as they were placed. Throws the same. */
export function readSdJwt(cryptography: Cryptography, token: string): ReadSdJwt {
  const parts: CompactParts = splitCompact(token)
  const { header, payload } = parseJws(parts.issuerJwt)
  const disclosures = parts.disclosures.map((encoded) => parseDisclosure(cryptography, encoded))
  const { claims, placed, problems } = processPayload(payload, disclosures)
  const [problem] = problems
  if (problem) throw new MunimentError('ERR_MALFORMED', problem.message)
  const { issuerJwt, keyBindingJwt } = parts
  return { header, payload, claims, placed, issuerJwt, keyBindingJwt }
}

function withPlace({ disclosure, path, parent }: Placement): PlacedDisclosure {
  return { ...disclosure, path, parent }
}

/** The holder's key in `cnf.jwk` (RFC 7800, section 3.2), or `undefined` when there is none that can be used. */
export function keyOfConfirmation(claims: JsonObject): PublicKey | undefined {
  const confirmation = claims['cnf']
  if (!isJsonObject(confirmation)) return undefined
  try {
    return publicKeyFromJwk(confirmation['jwk'])
  } catch {
    return undefined
  }
}
