import { median } from '../measure.mjs'

const ROUNDS = 5

/** Milliseconds and memory of a bare Node, and of one of ours: with its program loaded, a full vault open, and online. */
export async function nodeCosts(start, folder) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ bare: await bare(start), ...(await vaultOpen(start, folder)) })
  }
  const middle = (pick) => median(rounds.map(pick))
  const of = (state) => ({
    milliseconds: middle((round) => round[state].milliseconds),
    memory_bytes: middle((round) => round[state].rss),
  })
  return { rounds, medians: { bare: of('bare'), opened: of('opened'), online: of('online') } }
}

async function bare(start) {
  const party = await start('ends/bare.mjs')
  const state = since(party.spawned, await party.call('status'))
  await party.stop()
  return state
}

async function vaultOpen(start, folder) {
  const party = await start('ends/muniment.mjs')
  await party.call('open', folder)
  const opened = since(party.spawned, await party.call('status'))
  await party.call('online')
  const online = since(party.spawned, await party.call('status'))
  await party.call('close')
  await party.stop()
  return { opened, online }
}

function since(spawned, { at, rss }) {
  return { milliseconds: Number(BigInt(at) - spawned) / 1e6, rss }
}
