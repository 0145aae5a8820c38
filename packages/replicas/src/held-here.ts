import type { Holes, LogHead } from '@muniment/log'
import type { Span } from './coverage.ts'

/** What a log holds: up to its heads, but for what its disk lost. */
export interface Held {
  readonly heads: Readonly<Record<string, Pick<LogHead, 'seq'>>>
  readonly holes: Holes
}

/** True when a log holds all entries of a span. */
export function isSpanHeld({ heads, holes }: Held, { device, first, last }: Span): boolean {
  if (last > (heads[device]?.seq ?? 0)) return false
  return !holes.get(device)?.some((hole) => hole.first <= last && first <= hole.last)
}
