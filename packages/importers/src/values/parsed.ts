/** A value that was read, or why it was not. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

/** A value. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

/** The reason why there is none. */
export function notParsed(reason: string): Parsed<never> {
  return { ok: false, reason }
}
