import type { Problem } from '@muniment/interface'
import type { DcqlQuery } from './dcql-query.ts'
import { answers, choose, type SelectableCredential } from './select-credentials.ts'

/**
 * What keeps verified presentations from answering a query (OpenID4VP 1.0, section 8.6): `presentation_unasked` (an id that the
 * query does not have), `presentation_count`, `presentation_claims` (type, claims or values are not the ones asked for)
 * and `presentation_missing`. An empty list means that the query is answered.
 *
 * @param presented - by credential query id, the claims that each presentation disclosed
 */
export function checkPresentations(
  query: DcqlQuery,
  presented: ReadonlyMap<string, readonly SelectableCredential[]>,
): readonly Problem[] {
  const problems: Problem[] = []
  for (const [id, credentials] of presented) {
    const asked = query.credentials.find((credential) => credential.id === id)
    if (!asked) {
      problems.push({
        code: 'presentation_unasked',
        message: 'A presentation answers nothing that was asked.',
      })
      continue
    }
    if (credentials.length === 0 || (credentials.length > 1 && !asked.multiple)) {
      problems.push({
        code: 'presentation_count',
        message: `There are more or fewer presentations than ${id} asks for.`,
      })
    }
    if (!credentials.every((credential) => answers(asked, credential, 'presentation'))) {
      problems.push({
        code: 'presentation_claims',
        message: `A presentation does not show what ${id} asks for.`,
      })
    }
  }
  if (choose(query, (id) => presented.has(id)).missing.length > 0) {
    problems.push({
      code: 'presentation_missing',
      message: 'Not everything that was asked for was presented.',
    })
  }
  return problems
}
