/** Milliseconds between two edits: about as fast as a form that saves while its owner types. */
const GAP = 10

/** Makes edits one after the other at a steady pace; gives when each was begun, on the clock that all processes share. */
export async function editSteadily({ from, count }, edit) {
  const begun = []
  for (let at = from; at < from + count; at++) {
    const next = new Promise((resolve) => setTimeout(resolve, GAP))
    begun.push(now())
    await edit(at)
    await next
  }
  return begun
}

/** Notes when each of some edits was first seen. */
export function sightings({ from, count }) {
  const seen = []
  const { promise, resolve } = Promise.withResolvers()
  let missing = count
  return {
    all: promise,
    see(at) {
      if (at < from || seen[at - from] !== undefined) return
      seen[at - from] = now()
      if (--missing === 0) resolve(seen)
    },
  }
}

/** Milliseconds on the clock that all processes of a machine share. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6
}
