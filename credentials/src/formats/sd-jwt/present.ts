import { type Cryptography, MunimentError } from '@muniment/interface'
import { type ClaimPath, expandPath } from './claim-path.ts'
import type { DisclosurePlace } from './disclosure-places.ts'
import { readSdJwt, type SdJwt } from './parse.ts'
import type { ConcretePath } from './process-payload.ts'

/** What the holder shows. */
export interface Selection {
  /** Paths into the claims with everything disclosed. What is not disclosable is shown in any case. */
  readonly reveal: readonly ClaimPath[]
  /** Also reveals what lies below the selected places. Default false: the least that shows the place itself. */
  readonly nested?: boolean
}

/**
 * The presentation without key binding that shows the selected claims: `jwt~d…~`. Disclosures that hold the selected
 * ones come along, no others. Throws `ERR_INVALID_ARGUMENT` for a path that leads to no claim, `ERR_MALFORMED` for a
 * token that is not an SD-JWT. A key-binding JWT of the given token is left away.
 */
export function presentSdJwt(
  credential: SdJwt | string,
  components: { readonly cryptography: Cryptography },
  selection: Selection,
): string {
  const { claims, issuerJwt, tree } =
    typeof credential === 'string' ? readTree(components.cryptography, credential) : treeOf(credential)
  for (const path of selection.reveal) {
    const places = expandPath(claims, path)
    if (places.length === 0) {
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'a path leads to no claim of the credential')
    }
    for (const place of places) choose(tree, place, selection.nested === true)
  }
  const shown: string[] = []
  collect(tree, shown)
  return [issuerJwt, ...shown, ''].join('~')
}

/**
 * What {@link presentSdJwt} gives, made of a credential whose disclosures' places were kept: it cuts text and reads
 * nothing. What lies below the chosen places comes along.
 *
 * @param token - a credential that was checked when it was received
 * @param places - what `disclosurePlaces` gave for that token
 * @param reveal - places that exist in its claims; one that does not exist reveals nothing
 */
export function presentFromPlaces(
  token: string,
  places: readonly DisclosurePlace[],
  reveal: readonly ConcretePath[],
): string {
  const tree = newBranch()
  for (const { path, start, end } of places) branchAt(tree, path).encoded = token.slice(start, end)
  for (const place of reveal) choose(tree, place, true)
  const shown: string[] = []
  collect(tree, shown)
  return [token.slice(0, token.indexOf('~')), ...shown, ''].join('~')
}

/** The disclosures by their places. */
interface Branch {
  /** Absent for most: a claim rarely holds others that are disclosed by themselves. */
  children: Map<string | number, Branch> | undefined
  encoded: string | undefined
  isChosen: boolean
}

/** A credential as presenting works on it. */
interface Plan extends Pick<SdJwt, 'claims' | 'issuerJwt'> {
  readonly tree: Branch
}

function readTree(cryptography: Cryptography, token: string): Plan {
  const { claims, issuerJwt, placed } = readSdJwt(cryptography, token)
  const tree = newBranch()
  for (const { path, disclosure } of placed) branchAt(tree, path).encoded = disclosure.encoded
  return { claims, issuerJwt, tree }
}

function treeOf({ claims, issuerJwt, disclosures }: SdJwt): Plan {
  const tree = newBranch()
  for (const { path, encoded } of disclosures) branchAt(tree, path).encoded = encoded
  return { claims, issuerJwt, tree }
}

function branchAt(tree: Branch, path: ConcretePath): Branch {
  let branch = tree
  for (const step of path) {
    const children = (branch.children ??= new Map<string | number, Branch>())
    let next = children.get(step)
    if (!next) children.set(step, (next = newBranch()))
    branch = next
  }
  return branch
}

function newBranch(): Branch {
  return { children: undefined, encoded: undefined, isChosen: false }
}

/** A disclosure on the way to the place is needed for it; one below it only when all of it is shown. */
function choose(tree: Branch, place: ConcretePath, isNested: boolean): void {
  let branch = tree
  for (const step of place) {
    const next = branch.children?.get(step)
    if (!next) return
    next.isChosen = true
    branch = next
  }
  if (isNested) chooseAllBelow(branch)
}

function chooseAllBelow(branch: Branch): void {
  if (!branch.children) return
  for (const child of branch.children.values()) {
    child.isChosen = true
    chooseAllBelow(child)
  }
}

/** In the order of the credential, a parent before what it holds: nothing tells in which order they were asked for. */
function collect(branch: Branch, shown: string[]): void {
  if (!branch.children) return
  for (const child of branch.children.values()) {
    if (!child.isChosen) continue
    if (child.encoded !== undefined) shown.push(child.encoded)
    collect(child, shown)
  }
}
