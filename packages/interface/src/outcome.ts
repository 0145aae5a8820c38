/** One reason for a "no": a stable code for programs, a sentence for people. */
export interface Problem {
  /** Stable, lower-case with underscores, e.g. `key_binding_nonce`. */
  readonly code: string
  /** One sentence in plain words. */
  readonly message: string
}

/** A foreseen "no", with all its reasons at once. */
export interface Refusal {
  readonly ok: false
  readonly problems: readonly Problem[]
}

/**
 * What a check answers: either `ok: true` with what was found, or `ok: false` with every reason.
 * Checks that can foresee a "no" return this and do not throw.
 */
export type Outcome<T extends object = object> = ({ readonly ok: true } & T) | Refusal
