import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { figure, tableOf } from './figures.mjs'
import { median, quantile, ratioOf } from './measure.mjs'
import { startParty } from './start-party.mjs'
import { firstSyncs, ROUNDS } from './sync/first-sync.mjs'
import { EDITS, liveEdits } from './sync/live-edits.mjs'
import { nodeCosts } from './sync/node-costs.mjs'

const RECORDS = Number(process.env.BENCH_RECORDS ?? 100_000)
/** Beside what was installed: the disk of the checkout, for a temporary folder may be in memory. */
const PLACE = fileURLToPath(new URL('node_modules/.bench-', import.meta.url))

/**
 * First sync of a fresh device until all is safe on its disk, how long an edit takes to be seen on the other device, and
 * what a process costs to start and to keep. Every device is a process, all on loopback, the systems in turns.
 */
export async function benchSync() {
  const folder = await mkdtemp(PLACE)
  const parties = new Set()
  const start = async (module, isProfiled = false) => {
    const party = await startParty(module, isProfiled ? profiled() : {})
    parties.add(party)
    return party
  }
  try {
    const laptop = await pairedLaptop(start, folder)
    const yServer = await start('ends/y-websocket.mjs')
    const rawServer = await start('ends/raw-tcp.mjs')
    const systems = {
      muniment: { editor: laptop, sync: openAndSync },
      'y-websocket': await served(yServer),
      'raw-tcp': await served(rawServer),
    }
    const sync = await firstSyncs(systems, { start, folder, records: RECORDS })
    const pairOf = (name) => ({ editor: systems[name].editor, watcher: sync.watchers[name] })
    const live = await liveEdits(Object.fromEntries(Object.keys(systems).map((name) => [name, pairOf(name)])))
    await sync.watchers.muniment.call('close')
    await sync.watchers.muniment.stop()
    return results(sync, live, await nodeCosts(start, join(folder, 'muniment-0')))
  } finally {
    for (const party of parties) await party.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A laptop, and phones that joined while its vault was empty; then the laptop alone imports everything. */
async function pairedLaptop(start, folder) {
  const laptop = await start('ends/muniment.mjs', true)
  await laptop.call('create', join(folder, 'laptop'))
  for (let round = 0; round < ROUNDS; round++) {
    const joiner = await start('ends/muniment.mjs')
    await joiner.call('joinBy', join(folder, `muniment-${round}`), await laptop.call('invite'))
    await joiner.stop()
  }
  const count = await laptop.call('fill', RECORDS, join(folder, 'statements'))
  if (count !== RECORDS) throw new Error(`the laptop has ${count} of ${RECORDS} records`)
  return laptop
}

async function openAndSync(phone, place) {
  await phone.call('open', place)
  return phone.call('sync')
}

async function served(editor) {
  const address = await editor.call('serve', RECORDS)
  return { editor, sync: (fresh, place) => fresh.call('sync', address, place) }
}

function results({ milliseconds, inMemory }, live, costs) {
  const [ours, theirs, raw] = [live.muniment, live['y-websocket'], live['raw-tcp']]
  const p50s = (turns) => turns.map(median)
  const p99s = (turns) => blocksOf(turns).map(p99)
  const costOf = (kind) =>
    ratioOf(
      costs.rounds.map(({ opened }) => opened[kind]),
      costs.rounds.map(({ bare }) => bare[kind]),
    )
  const liveTargets = { required: 2, goal: 1, isAtMost: true }
  const onDisk = ratioOf(milliseconds['y-websocket'], milliseconds.muniment)
  const figures = [
    figure('first sync, times as fast as y-websocket', onDisk, { required: 2, goal: 4 }),
    figure('first sync: against y-websocket in memory only', ratioOf(inMemory, milliseconds.muniment)),
    figure('first sync: of the time of a raw copy', ratioOf(milliseconds.muniment, milliseconds['raw-tcp'])),
    figure('live edit p50, of the time of y-websocket', ratioOf(p50s(ours), p50s(theirs)), liveTargets),
    figure('live edit p50: of the time of a raw copy', ratioOf(p50s(ours), p50s(raw))),
    figure('live edit p99, of the time of y-websocket', ratioOf(p99s(ours), p99s(theirs)), liveTargets),
    figure('node with a full vault open, time to start against a bare Node', costOf('milliseconds')),
    figure('node with a full vault open: memory against a bare Node', costOf('rss')),
  ]
  const middleOf = ([name, rounds]) => [name, median(rounds)]
  const quantilesOf = ([name, turns]) => [name, { p50: median(turns.flat()), p99: p99(turns.flat()) }]
  return {
    figures,
    records: RECORDS,
    edits: EDITS,
    first_sync_milliseconds: {
      ...Object.fromEntries(Object.entries(milliseconds).map(middleOf)),
      'y-websocket in memory': median(inMemory),
    },
    live_edit_milliseconds: Object.fromEntries(Object.entries(live).map(quantilesOf)),
    node: costs.medians,
  }
}

const p99 = (values) => quantile(values, 0.99)

/** Edits in which a p99 is looked for: enough to have one, and blocks enough that one hiccup of the machine is forgotten. */
const BLOCK_TURNS = 4

function blocksOf(turns) {
  const blocks = []
  for (let at = 0; at < turns.length; at += BLOCK_TURNS) blocks.push(turns.slice(at, at + BLOCK_TURNS).flat())
  return blocks
}

/** Lines for a person. */
export function describeSync({ figures, records, edits, ...absolute }) {
  const { first_sync_milliseconds: sync, live_edit_milliseconds: live, node } = absolute
  const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`
  const mega = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  const cost = ({ milliseconds, memory_bytes }) => `${ms(milliseconds)} and ${mega(memory_bytes)}`
  const line = (texts) => `  ${texts.join('; ')}`
  return [
    `Sync of ${records.toLocaleString('en')} small records to a fresh device until safe on its disk; ${edits} live edits, from their`,
    'begin until read on the other device: ours is on disk on both by then, the other two on none.',
    ...tableOf(figures),
    'On this machine now (medians):',
    line(Object.entries(sync).map(([name, value]) => `first sync ${name} ${ms(value)}`)),
    line(
      Object.entries(live).map(([name, { p50, p99 }]) => `live edit ${name} p50 ${ms(p50)}, p99 ${ms(p99)}`),
    ),
    line(
      Object.entries({ 'bare Node': node.bare, 'vault open': node.opened, online: node.online }).map(
        ([name, of]) => `${name} ${cost(of)}`,
      ),
    ),
  ]
}

/** A folder named by BENCH_PROFILE gets CPU profiles of our laptop and our last phone. */
function profiled() {
  const folder = process.env.BENCH_PROFILE
  return folder ? { cpuProfile: folder } : {}
}
