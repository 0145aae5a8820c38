import type { Milliseconds } from '@muniment/interface'

/** The instant of a record's time for ordering, a date counting from its midnight in UTC; `undefined` when it has none. */
export function timeOf(text: string | undefined): Milliseconds | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
