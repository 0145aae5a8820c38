import type { Problem } from '@muniment/interface'
import type { ClaimPath, ClaimTerm, CredentialTerm } from './terms.ts'

/** A place in a credential that exists: names and indices. */
export type ExactPath = readonly (string | number)[]

/** One value that a presentation shows. */
export interface DisclosedClaim {
  readonly path: ExactPath
  readonly value: unknown
  /** False for what the issuer made visible to everyone who sees the credential. */
  readonly isChosen: boolean
}

/** What reading a presentation gives: its claims, and which parts of them the holder chose to show. */
export interface ShownClaims {
  readonly claims: Readonly<Record<string, unknown>>
  /** The path of each disclosure in the presentation. */
  readonly disclosedPaths: readonly ExactPath[]
}

/** Every value in a presentation, leaf by leaf. Empty objects and arrays are leaves too. */
export function disclosedClaims({ claims, disclosedPaths }: ShownClaims): readonly DisclosedClaim[] {
  return [...leaves(claims, [])].map(({ path, value }) => ({
    path,
    value,
    isChosen: disclosedPaths.some((disclosed) => covers(disclosed, path)),
  }))
}

/**
 * What is wrong with a disclosure under a contract: `presentation_too_wide` for a chosen value that the contract does not
 * name, `presentation_incomplete` for a claim it names and that is missing or has another value than asked.
 */
export function* problemsOfDisclosure(
  asked: CredentialTerm,
  shown: readonly DisclosedClaim[],
): Generator<Problem> {
  const named = [...asked.required, ...asked.optional]
  for (const { path } of shown.filter(({ isChosen }) => isChosen)) {
    if (!named.some((claim) => covers(claim.path, path))) {
      yield {
        code: 'presentation_too_wide',
        message: `${path.join('.')} is shown, and the contract does not name it`,
      }
    }
  }
  for (const claim of named) {
    if (!shown.some((leaf) => answers(claim, leaf))) {
      yield {
        code: 'presentation_incomplete',
        message: `the claim ${claim.id} is missing, or has another value`,
      }
    }
  }
}

/** The claim term that a value belongs to. */
export function termOf(asked: CredentialTerm, path: ExactPath): ClaimTerm | undefined {
  return [...asked.required, ...asked.optional].find((claim) => covers(claim.path, path))
}

/** True when `path` is at or below `claimed`; `null` stands for every element of an array. */
export function covers(claimed: ClaimPath, path: ExactPath): boolean {
  return (
    claimed.length <= path.length &&
    claimed.every((step, index) => (step === null ? typeof path[index] === 'number' : step === path[index]))
  )
}

function answers({ path, values }: ClaimTerm, leaf: DisclosedClaim): boolean {
  return covers(path, leaf.path) && (!values || values.some((value) => value === leaf.value))
}

function* leaves(value: unknown, path: ExactPath): Generator<{ path: ExactPath; value: unknown }> {
  const inner: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((element: unknown, index) => [index, element] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  if (inner.length === 0 && path.length > 0) yield { path, value }
  for (const [step, element] of inner) yield* leaves(element, [...path, step])
}
