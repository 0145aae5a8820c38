import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type Milliseconds, MunimentError } from '@muniment/interface'
import * as v from 'valibot'

/** How a kit was tried: three words when it was made, all words later, or a restore to a scratch folder. */
export type RehearsalKind = 'three_words' | 'all_words' | 'restore'

/** What a person is told of their kit. */
export interface KitState {
  /** As on the page. */
  readonly keyId: string
  readonly madeAt: Milliseconds
  /** When it was tried last, and how; absent for a kit that does not count yet. */
  readonly rehearsed?: { readonly at: Milliseconds; readonly how: RehearsalKind } | undefined
}

/** True for a kit that a person has shown to hold: one that nobody tried protects nobody. */
export function kitCounts({ rehearsed }: KitState): boolean {
  return rehearsed !== undefined
}

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const schema = v.strictObject({
  v: v.literal(1),
  keyId: v.pipe(v.string(), v.regex(/^[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}$/u)),
  madeAt: time,
  rehearsed: v.optional(
    v.strictObject({ at: time, how: v.picklist(['three_words', 'all_words', 'restore']) }),
  ),
})

/** The state as bytes. */
export function encodeKitState({ keyId, madeAt, rehearsed }: KitState): Uint8Array {
  return toCanonical({ v: 1, keyId, madeAt, rehearsed: rehearsed && { ...rehearsed } })
}

/** Reads what {@link encodeKitState} wrote; throws `ERR_MALFORMED`. */
export function decodeKitState(bytes: Uint8Array): KitState {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'these bytes are not the state of a kit')
  const { v: _version, ...state } = parsed.output
  return state
}
