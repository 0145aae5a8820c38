import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../jose/json.ts'
import { type ClaimPath, expandPath } from './claim-path.ts'

/** Which parts of a payload become disclosures, as a tree of the paths that lead to them. */
export interface ConcealmentPlan {
  readonly isDisclosable: boolean
  readonly children: ReadonlyMap<string | number, ConcealmentPlan>
}

interface Branch {
  isDisclosable: boolean
  readonly children: Map<string | number, Branch>
}

/** The plan of a list of paths, and how many disclosures it makes. Throws `ERR_INVALID_ARGUMENT` for a path to nothing. */
export function planConcealment(
  payload: JsonObject,
  disclosable: readonly ClaimPath[],
): { plan: ConcealmentPlan; count: number } {
  const plan: Branch = { isDisclosable: false, children: new Map() }
  let count = 0
  for (const path of disclosable) {
    const places = path.length === 0 ? [] : expandPath(payload, path)
    if (places.length === 0) {
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'a disclosable path leads to no claim of the payload')
    }
    for (const place of places) {
      const branch = branchAt(plan, place)
      if (!branch.isDisclosable) count++
      branch.isDisclosable = true
    }
  }
  return { plan, count }
}

function branchAt(plan: Branch, path: readonly (string | number)[]): Branch {
  let branch = plan
  for (const step of path) {
    const next = branch.children.get(step) ?? { isDisclosable: false, children: new Map() }
    branch.children.set(step, next)
    branch = next
  }
  return branch
}
