import type { DocumentResolver } from '@muniment/identity'
import { MunimentError } from '@muniment/interface'
import type { IAgentPlugin, IResolver } from '@veramo/core-types'

/** Veramo's resolver over ours. */
export function resolverPlugin(
  resolver: DocumentResolver,
): IAgentPlugin & { readonly methods: Pick<IResolver, 'resolveDid' | 'getDIDComponentById'> } {
  return {
    methods: {
      resolveDid: ({ didUrl }) => resolver.resolveDocument(withoutFragment(didUrl)),
      async getDIDComponentById({ didDocument, didUrl, section }) {
        const { service = [], verificationMethod = [] } = didDocument
        const places =
          section === 'service' ? service : section ? verificationMethod : [...verificationMethod, ...service]
        const fragment = didUrl.slice(didUrl.indexOf('#'))
        const found = places.find(
          ({ id }) => id === didUrl || id === fragment || `${didDocument.id}${id}` === didUrl,
        )
        if (!found) throw new MunimentError('ERR_NOT_FOUND', 'the document has no such part')
        return found
      },
    },
  }
}

function withoutFragment(didUrl: string): string {
  const at = didUrl.indexOf('#')
  return at < 0 ? didUrl : didUrl.slice(0, at)
}
