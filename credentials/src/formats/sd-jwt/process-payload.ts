import type { Problem } from '@muniment/interface'
import { isJsonArray, type JsonObject, type JsonValue } from '../../jose/json.ts'
import { MAX_CLAIM_DEPTH } from './constants.ts'
import type { Disclosure } from './disclosure.ts'

/** Where a claim stands in the processed claims: names of members and numbers of elements, from the top. */
export type ConcretePath = readonly (string | number)[]

/** A disclosure whose digest was found. */
export interface Placement {
  readonly disclosure: Disclosure
  /** Its place in the processed claims. */
  readonly path: ConcretePath
  /** The position, among the placed, of the disclosure whose value holds its digest; -1 for the payload itself. */
  readonly parent: number
}

/** The processed payload (RFC 9901, section 7.1, step 3), and what was wrong on the way. */
export interface ProcessedPayload {
  readonly claims: JsonObject
  readonly placed: readonly Placement[]
  readonly problems: readonly Problem[]
}

/** Names that no disclosure may bear: those of SD-JWT itself, and the one that sets a prototype. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['_sd', '...', '_sd_alg', '__proto__'])

/** What stands behind a digest, and whether the digest was met in the payload. */
interface Candidate {
  readonly disclosure: Disclosure | undefined
  isMet: boolean
}

/** Behind the digest of a decoy, or of what was not disclosed. */
const NOTHING: Candidate = { disclosure: undefined, isMet: true }

type MutableObject = { [name: string]: JsonValue }

/**
 * Puts disclosed claims in the place of their digests (RFC 9901, section 7.1, steps 3 to 5). The payload is not
 * changed; the claims are a copy without `_sd`, `_sd_alg` and `...`.
 */
export function processPayload(payload: JsonObject, disclosures: readonly Disclosure[]): ProcessedPayload {
  const state = new Processing(disclosures)
  const claims = state.object(payload, -1)
  state.refuseUnreferenced()
  return { claims, placed: state.placed, problems: state.problems }
}

class Processing {
  readonly placed: Placement[] = []
  readonly problems: Problem[] = []
  readonly #candidates = new Map<string, Candidate>()
  readonly #path: (string | number)[] = []

  constructor(disclosures: readonly Disclosure[]) {
    for (const disclosure of disclosures) {
      this.#candidates.set(disclosure.digest, { disclosure, isMet: false })
    }
    if (this.#candidates.size < disclosures.length) {
      this.#refuse('disclosure_duplicate', 'A disclosure stands in the token twice.')
    }
  }

  /** Step 5: every disclosure has its digest somewhere. */
  refuseUnreferenced(): void {
    for (const { isMet } of this.#candidates.values()) {
      if (!isMet) {
        this.#refuse('disclosure_unreferenced', 'A disclosure belongs to no digest of the token.')
      }
    }
  }

  object(source: JsonObject, parent: number): JsonObject {
    const claims: MutableObject = {}
    for (const name of Object.keys(source)) {
      if (name === '_sd') continue
      if (name === '...') {
        this.#refuse('disclosure_reserved_name', 'The name ... stands where no digest of an element is.')
      } else if (name === '_sd_alg') {
        if (this.#path.length > 0) {
          this.#refuse('disclosure_reserved_name', 'The name _sd_alg stands below the top level.')
        }
      } else {
        claims[name] = this.#at(name, source[name] ?? null, parent)
      }
    }
    const digests = source['_sd']
    if (digests !== undefined) this.#discloseMembers(claims, digests, parent)
    return claims
  }

  #discloseMembers(claims: MutableObject, digests: JsonValue, parent: number): void {
    if (!isJsonArray(digests)) {
      this.#refuse('disclosure_malformed', 'An _sd is not an array of digests.')
      return
    }
    for (const digest of digests) {
      const disclosure = this.#find(digest)
      if (disclosure === undefined) continue
      const { name } = disclosure
      if (name === undefined) {
        this.#refuse('disclosure_malformed', 'A disclosure of an array element stands for a claim.')
      } else if (RESERVED_NAMES.has(name)) {
        this.#refuse('disclosure_name', 'A disclosure bears a name that is reserved.')
      } else if (Object.hasOwn(claims, name)) {
        this.#refuse(
          'disclosure_claim_exists',
          'A disclosure bears the name of a claim that is there already.',
        )
      } else {
        claims[name] = this.#place(disclosure, name, parent)
      }
    }
  }

  #array(source: readonly JsonValue[], parent: number): readonly JsonValue[] {
    const elements: JsonValue[] = []
    for (const element of source) {
      const digest = this.#elementDigest(element)
      if (digest === undefined) {
        elements.push(this.#at(elements.length, element, parent))
        continue
      }
      const disclosure = this.#find(digest)
      if (disclosure === undefined) continue
      if (disclosure.name === undefined) elements.push(this.#place(disclosure, elements.length, parent))
      else this.#refuse('disclosure_malformed', 'A disclosure of a claim stands for an array element.')
    }
    return elements
  }

  /** The value of the `...` of an element that is nothing but a digest (RFC 9901, section 4.2.4.2). */
  #elementDigest(element: JsonValue): JsonValue | undefined {
    if (typeof element !== 'object' || element === null || isJsonArray(element)) return undefined
    const digest = element['...']
    return digest !== undefined && Object.keys(element).length === 1 ? digest : undefined
  }

  /** The disclosure of a digest; steps 3.c.i (a decoy, or not disclosed) and 4 (seen before). */
  #find(digest: JsonValue): Disclosure | undefined {
    if (typeof digest !== 'string') {
      this.#refuse('disclosure_malformed', 'A digest is not a text.')
      return undefined
    }
    const candidate = this.#candidates.get(digest)
    if (candidate === undefined) {
      this.#candidates.set(digest, NOTHING)
      return undefined
    }
    if (candidate.isMet) {
      this.#refuse('disclosure_digest_repeated', 'A digest stands in the token twice.')
      return undefined
    }
    candidate.isMet = true
    return candidate.disclosure
  }

  #place(disclosure: Disclosure, step: string | number, parent: number): JsonValue {
    const position = this.placed.length
    const path = this.#path.length === 0 ? [step] : [...this.#path, step]
    this.placed.push({ disclosure, path, parent })
    return this.#at(step, disclosure.value, position)
  }

  #at(step: string | number, value: JsonValue, parent: number): JsonValue {
    if (typeof value !== 'object' || value === null) return value
    if (this.#path.length >= MAX_CLAIM_DEPTH) {
      this.#refuse('malformed', 'The claims nest too deep.')
      return null
    }
    this.#path.push(step)
    const processed = isJsonArray(value) ? this.#array(value, parent) : this.object(value, parent)
    this.#path.pop()
    return processed
  }

  #refuse(code: string, message: string): void {
    if (!this.problems.some((problem) => problem.code === code)) this.problems.push({ code, message })
  }
}
