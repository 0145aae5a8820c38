/**
 * Many short rounds rather than a few long ones: a process that wakes up is let run for some milliseconds undisturbed,
 * also on a busy machine, and a median over many rounds forgets those in which it was not.
 */
const ROUNDS = 101
const ROUND_MILLISECONDS = 6

/**
 * Measures contenders in turns, A B C, B C A, …: whatever slows the machine down for a while slows all of them. Each
 * contender is a process of its own, so that nobody collects the garbage of another, and only one works at a time.
 *
 * `time(count)` of a contender does its work so many times and gives the microseconds of one. Gives for each contender
 * its samples, one a round: samples of the same round belong together.
 */
export async function inTurns(contenders, { rounds = ROUNDS, roundMilliseconds = ROUND_MILLISECONDS } = {}) {
  const names = Object.keys(contenders)
  const samples = Object.fromEntries(names.map((name) => [name, []]))
  const counts = {}
  for (const name of names) counts[name] = await warmedUp(contenders[name], roundMilliseconds)
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) samples[name].push(await contenders[name](counts[name]))
  }
  return samples
}

/** Milliseconds for which a contender warms up: its hot functions are compiled by then. */
const WARM_UP = 500

/** Warms up, and gives how many calls fill a round. */
async function warmedUp(time, roundMilliseconds) {
  let count = 8
  let each = Infinity
  for (let spent = 0; spent < WARM_UP * 1000; spent += each * count) {
    if (Number.isFinite(each)) count = Math.ceil(Math.min(count * 4, (roundMilliseconds * 1000) / each))
    each = await time(count)
  }
  return Math.max(1, Math.round((roundMilliseconds * 1000) / each))
}

function rotated(names, by) {
  const start = by % names.length
  return [...names.slice(start), ...names.slice(0, start)]
}

/** One call in so many is made before the clock starts, to fill the processor's caches again. */
const LEAD_IN = 4

/** Microseconds a call. A call that gives no promise is not awaited: that would be charged to it. */
export async function microsecondsOf(call, count) {
  await repeated(call, Math.ceil(count / LEAD_IN))
  const since = performance.now()
  await repeated(call, count)
  return ((performance.now() - since) * 1000) / count
}

async function repeated(call, count) {
  for (let at = 0; at < count; at++) {
    const pending = call()
    if (pending instanceof Promise) await pending
  }
}

/** The middle one of some values. */
export function median(values) {
  return quantile(values, 0.5)
}

/** The value that this share of the values is below. */
export function quantile(values, share) {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** How many times `left` is as much as `right`: the median over rounds, and the range of the middle half of them. */
export function ratioOf(left, right) {
  const ratios = left.map((value, round) => value / right[round])
  return { value: median(ratios), middleHalf: [quantile(ratios, 0.25), quantile(ratios, 0.75)] }
}
