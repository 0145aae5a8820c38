import type { DeviceId, VersionVector } from '@muniment/interface'

/** Entries `first` to `last` of a device's log. */
export interface Span {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
}

/** Which entries of which logs are held somewhere. */
export interface Coverage {
  add(span: Span): void
  /** True when every entry of the span is held. */
  covers(span: Span): boolean
  /** The last entry held of each device's log, whatever is missing before it. */
  reach(): VersionVector
  /** What is not held of a device's log between its beginning and `to`. */
  gaps(device: DeviceId, to: number): Span[]
}

interface Run {
  first: number
  last: number
}

/** Coverage of these spans; runs are kept joined and in order. */
export function coverageOf(spans: Iterable<Span>): Coverage {
  const byDevice = new Map<DeviceId, Run[]>()

  function add({ device, first, last }: Span): void {
    const runs = byDevice.get(device) ?? []
    byDevice.set(device, runs)
    // Most spans follow the newest: then nothing is moved.
    let at = runs.length
    while (at > 0 && (runs[at - 1]?.first ?? 0) > first) at--
    runs.splice(at, 0, { first, last })
    join(runs, Math.max(0, at - 1))
  }

  for (const span of spans) add(span)
  return {
    add,
    covers: ({ device, first, last }) =>
      (byDevice.get(device) ?? []).some((run) => run.first <= first && last <= run.last),
    reach() {
      const vector: Record<DeviceId, number> = {}
      for (const [device, runs] of byDevice) vector[device] = runs.at(-1)?.last ?? 0
      return vector
    },
    gaps(device, to) {
      const gaps: Span[] = []
      let next = 1
      for (const run of byDevice.get(device) ?? []) {
        if (run.first > to) break
        if (run.first > next) gaps.push({ device, first: next, last: run.first - 1 })
        next = run.last + 1
      }
      if (next <= to) gaps.push({ device, first: next, last: to })
      return gaps
    },
  }
}

/** Joins runs that touch, from one on, as far as the newly added one reaches. */
function join(runs: Run[], from: number): void {
  let at = from
  for (;;) {
    const [run, next] = [runs[at], runs[at + 1]]
    if (!run || !next) return
    if (next.first <= run.last + 1) {
      run.last = Math.max(run.last, next.last)
      runs.splice(at + 1, 1)
    } else if (at > from) return
    else at++
  }
}
