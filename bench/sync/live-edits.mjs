/** Edits before the measured ones, with every system, so that no system's compiler is measured. */
const WARM_UP = 60
/** Edits of one system before it is the next one's turn, and how many turns each has. */
const TURN = 30
const TURNS = 20

/** How many edits each system makes. */
export const EDITS = TURN * TURNS

/**
 * Milliseconds from the begin of each edit until its value was read on the other device, the systems in turns: for each
 * system a list of turns.
 */
export async function liveEdits(pairs) {
  const latencies = Object.fromEntries(Object.keys(pairs).map((name) => [name, []]))
  for (const pair of Object.values(pairs)) {
    for (const party of Object.values(pair)) await party.call('show', WARM_UP + EDITS)
    await pair.watcher.call('watch')
    await latenciesOf(pair, { from: 0, count: WARM_UP })
  }
  for (let turn = 0; turn < TURNS; turn++) {
    const edits = { from: WARM_UP + turn * TURN, count: TURN }
    for (const [name, pair] of Object.entries(pairs)) latencies[name].push(await latenciesOf(pair, edits))
  }
  return latencies
}

async function latenciesOf({ editor, watcher }, edits) {
  await watcher.call('expect', edits)
  const seen = watcher.call('whenSeen')
  const begun = await editor.call('edit', edits)
  return (await seen).map((at, index) => at - begun[index])
}
