/** Measures what is given in turns, so that a machine that slows down slows all of them: median microseconds each. */
export async function medians(candidates, { rounds = 15, roundMilliseconds = 60 } = {}) {
  const names = Object.keys(candidates)
  const samples = Object.fromEntries(names.map((name) => [name, []]))
  const counts = {}
  for (const name of names) counts[name] = await calibrated(candidates[name], roundMilliseconds)
  for (let round = 0; round < rounds; round++) {
    for (const name of names) samples[name].push(await timed(candidates[name], counts[name]))
  }
  return Object.fromEntries(names.map((name) => [name, median(samples[name])]))
}

/** Warms up, and gives how many calls fill a round. */
async function calibrated(call, roundMilliseconds) {
  let count = 8
  for (;;) {
    const each = await timed(call, count)
    if (each * count >= roundMilliseconds * 1000) return count
    count = Math.ceil(Math.min(count * 4, (roundMilliseconds * 1100) / each + 1))
  }
}

/** Microseconds a call, over `count` calls. A call that gives no promise is not awaited: that would be charged to it. */
async function timed(call, count) {
  const since = performance.now()
  for (let at = 0; at < count; at++) {
    const pending = call()
    if (pending instanceof Promise) await pending
  }
  return ((performance.now() - since) * 1000) / count
}

/** The middle one of some values. */
export function median(values) {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]
}
