import type { JsonObject } from '../jose/json.ts'
import { MAX_BATCH } from './constants.ts'
import { type CredentialTemplate, type Label, TEMPLATES } from './templates.ts'

/**
 * What an issuer says about itself (OpenID4VCI 1.0, section 12.2): its types of credential, with the names and claims that
 * a holder shows in English or French, and how many copies it gives at once.
 */
export function issuerMetadata(
  issuer: string,
  templates: readonly CredentialTemplate[] = TEMPLATES,
): JsonObject {
  return {
    credential_issuer: issuer,
    batch_credential_issuance: { batch_size: MAX_BATCH },
    credential_configurations_supported: Object.fromEntries(
      templates.map((template) => [template.id, configuration(template)]),
    ),
  }
}

function configuration({ claims, label, vct }: CredentialTemplate): JsonObject {
  return {
    format: 'dc+sd-jwt',
    vct,
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: {
      display: display(label),
      claims: claims.map((claim) => ({
        path: claim.path,
        mandatory: claim.required,
        display: display(claim.label),
      })),
    },
  }
}

function display({ en, fr }: Label): readonly JsonObject[] {
  return [
    { locale: 'en', name: en },
    { locale: 'fr', name: fr },
  ]
}
