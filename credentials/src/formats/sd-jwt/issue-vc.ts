import { MunimentError } from '@muniment/interface'
import type { ClaimPath } from './claim-path.ts'
import { NEVER_DISCLOSABLE } from './constants.ts'
import { type IssueComponents, issueSdJwt, type SdJwtDraft } from './issue.ts'

/**
 * Issues an SD-JWT VC: {@link issueSdJwt} with `typ` `dc+sd-jwt`. Throws `ERR_INVALID_ARGUMENT` also for a payload
 * without `vct`, and for disclosable claims that must stay visible: `iss`, `nbf`, `exp`, `cnf`, `vct`, `vct#integrity`,
 * `status` (SD-JWT VC, section 3.2.2.2).
 */
export async function issueSdJwtVc(components: IssueComponents, draft: SdJwtDraft): Promise<string> {
  const { vct } = draft.payload
  if (typeof vct !== 'string' || vct === '') {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a credential needs a vct that says what type it is of')
  }
  if (draft.disclosable?.some(hidesWhatMustBeVisible)) {
    throw new MunimentError(
      'ERR_INVALID_ARGUMENT',
      'a claim that must always be visible cannot be disclosable',
    )
  }
  return issueSdJwt(components, { ...draft, header: { ...draft.header, typ: 'dc+sd-jwt' } })
}

function hidesWhatMustBeVisible([name]: ClaimPath): boolean {
  return typeof name === 'string' && NEVER_DISCLOSABLE.includes(name)
}
