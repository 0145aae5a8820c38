import type { DocumentResolver } from '@muniment/identity'
import type { Clock, Cryptography, Random, Store } from '@muniment/interface'
import { createAgent } from '@veramo/core'
import type { IResolver, TAgent } from '@veramo/core-types'
import { type IdentifierMethods, identifierPlugin } from './identifier-plugin.ts'
import { type KeyMethods, keyPlugin } from './key-plugin.ts'
import { resolverPlugin } from './resolver-plugin.ts'
import { type SdJwtMethods, sdJwtPlugin } from './sd-jwt-plugin.ts'

/** The methods of an agent of ours. */
export type CredentialAgent = TAgent<
  KeyMethods & IdentifierMethods & Pick<IResolver, 'resolveDid' | 'getDIDComponentById'> & SdJwtMethods
>

/** What an agent needs of its surroundings. */
export interface CredentialAgentComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly store: Store
  readonly resolver: DocumentResolver
}

/** A Veramo agent whose keys, identifiers, resolution and SD-JWT VCs are ours. */
export function createCredentialAgent(components: CredentialAgentComponents): CredentialAgent {
  return createAgent<
    KeyMethods & IdentifierMethods & Pick<IResolver, 'resolveDid' | 'getDIDComponentById'> & SdJwtMethods
  >({
    plugins: [
      keyPlugin(components),
      identifierPlugin(components),
      resolverPlugin(components.resolver),
      sdJwtPlugin(components),
    ],
  })
}
