import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './measure.mjs'
import { startParty } from './start-party.mjs'

const RECORDS = Number(process.env.BENCH_RECORDS ?? 100_000)
const EDITS = 300
/** Edits before the measured ones, with every system, so that no system's compiler is measured. */
const WARM_UP = 50
const ROUNDS = 3
/** Beside what was installed: the disk of the checkout, for a temporary folder may be in memory. */
const PLACE = fileURLToPath(new URL('node_modules/.bench-', import.meta.url))

const MUNIMENT = 'ends/muniment.mjs'
const OTHERS = ['y-websocket', 'raw-tcp']

/**
 * First sync of a fresh device until all is safe on its disk, and how long an edit takes to be seen on the other device:
 * two processes on loopback, each system in turn. Then what one of these processes costs to start and to keep.
 */
export async function benchSync() {
  const folder = await mkdtemp(PLACE)
  const parties = new Set()
  const start = async (module, options) => {
    const party = await startParty(module, options)
    parties.add(party)
    return party
  }
  try {
    const { laptop, phones } = await pairedDevices(start, folder)
    const sources = {}
    for (const name of OTHERS) {
      const party = await start(`ends/${name}.mjs`)
      sources[name] = { party, address: await party.call('serve', RECORDS) }
    }
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      const isLast = round === ROUNDS - 1
      rounds.push(await measureRound({ start, folder, sources, laptop, round, phone: phones[round], isLast }))
    }
    return { ...summary(rounds), node: await nodeCosts(start, phones[0]) }
  } finally {
    for (const party of parties) await party.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A laptop and phones that joined while the vault was empty; then the laptop alone imports everything. */
async function pairedDevices(start, folder) {
  const laptop = await start(MUNIMENT, profiled('laptop'))
  await laptop.call('create', join(folder, 'laptop'))
  const phones = []
  for (let number = 0; number < ROUNDS; number++) {
    const phone = join(folder, `phone-${number}`)
    const joiner = await start(MUNIMENT)
    await joiner.call('joinBy', phone, await laptop.call('invite'))
    await joiner.stop()
    phones.push(phone)
  }
  const count = await laptop.call('fill', RECORDS, join(folder, 'statements'))
  expectAll('the laptop', count)
  return { laptop, phones }
}

async function measureRound({ start, folder, sources, laptop, round, phone, isLast }) {
  const result = {}
  const party = await start(MUNIMENT, isLast ? profiled('phone') : {})
  await party.call('open', phone)
  result.muniment = { sync: await party.call('sync') }
  expectAll('the phone', result.muniment.sync.count)
  if (isLast) result.muniment.live = await liveEdits(laptop, party)
  await party.call('close')
  await party.stop()
  for (const [name, { party: source, address }] of Object.entries(sources)) {
    const fresh = await start(`ends/${name}.mjs`)
    result[name] = { sync: await fresh.call('sync', address, join(folder, `${name}-${round}`)) }
    expectAll(name, result[name].sync.count)
    if (isLast) result[name].live = await liveEdits(source, fresh)
    await fresh.stop()
  }
  return result
}

/** Milliseconds from the begin of each edit until its value was read on the other device. */
async function liveEdits(editor, watcher) {
  await watcher.call('watch', WARM_UP + EDITS)
  const seen = watcher.call('whenSeen')
  const begun = await editor.call('edit', WARM_UP + EDITS)
  const latencies = (await seen).map((at, index) => at - begun[index]).slice(WARM_UP)
  const sorted = latencies.toSorted((left, right) => left - right)
  const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { p50: quantile(0.5), p99: quantile(0.99) }
}

/** Milliseconds and bytes of memory of a bare Node, of one that has opened a full vault, and of one that is online. */
async function nodeCosts(start, folder) {
  const since = ({ spawned }, { at, rss }) => ({ milliseconds: Number(BigInt(at) - spawned) / 1e6, rss })
  const bareParty = await start('ends/bare.mjs')
  const bare = since(bareParty, await bareParty.call('status'))
  await bareParty.stop()
  const party = await start(MUNIMENT)
  const loaded = party.startMilliseconds
  await party.call('open', folder)
  const opened = since(party, await party.call('status'))
  const before = process.hrtime.bigint()
  await party.call('online')
  const { at, rss } = await party.call('status')
  const online = { milliseconds: Number(BigInt(at) - before) / 1e6, rss }
  await party.call('close')
  await party.stop()
  return { bare, loaded, opened, online }
}

function summary(rounds) {
  const systems = ['muniment', ...OTHERS]
  const of = (pick) => Object.fromEntries(systems.map((name) => [name, pick(name)]))
  const sync = of((name) => median(rounds.map((round) => round[name].sync.milliseconds)))
  const inMemory = median(rounds.map((round) => round['y-websocket'].sync.inMemory))
  const live = of((name) => rounds.at(-1)[name].live)
  return {
    records: RECORDS,
    edits: EDITS,
    sync: { milliseconds: sync, yWebsocketInMemory: inMemory },
    live,
    ratios: {
      syncFasterThanYWebsocket: sync['y-websocket'] / sync.muniment,
      syncFasterThanYWebsocketInMemory: inMemory / sync.muniment,
      syncOfRawCopy: sync.muniment / sync['raw-tcp'],
      liveP50OfYWebsocket: live.muniment.p50 / live['y-websocket'].p50,
      liveP99OfYWebsocket: live.muniment.p99 / live['y-websocket'].p99,
      liveP50OfRawCopy: live.muniment.p50 / live['raw-tcp'].p50,
    },
  }
}

/** Lines for a person. */
export function describeSync({ records, edits, sync, live, ratios, node }) {
  const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`
  const times = (value) => `${value.toFixed(2)} ×`
  const mega = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  const liveLine = ([name, { p50, p99 }]) => `  ${name.padEnd(12)} p50 ${ms(p50)}, p99 ${ms(p99)}`
  return `First sync of ${records.toLocaleString('en')} small records to a fresh device, until safe on its disk (median of ${ROUNDS}):
  muniment     ${ms(sync.milliseconds.muniment)}
  y-websocket  ${ms(sync.milliseconds['y-websocket'])} (in memory only: ${ms(sync.yWebsocketInMemory)})
  raw TCP copy ${ms(sync.milliseconds['raw-tcp'])}, decrypted
  ${times(ratios.syncFasterThanYWebsocket)} as fast as y-websocket on disk (required 2, goal 4), ${times(ratios.syncFasterThanYWebsocketInMemory)} as fast as it in memory; ${times(ratios.syncOfRawCopy)} the time of the raw copy
A live edit, from its begin until it is read on the other device, which shows the same records (${edits} edits after ${WARM_UP} to warm up; only muniment has it on disk by then):
${Object.entries(live).map(liveLine).join('\n')}
  ${times(ratios.liveP50OfYWebsocket)} the time of y-websocket at p50, ${times(ratios.liveP99OfYWebsocket)} at p99 (required at most 2, goal 1); ${times(ratios.liveP50OfRawCopy)} the time of the raw copy
A process, from its start:
  bare Node    ${ms(node.bare.milliseconds)}, ${mega(node.bare.rss)}
  vault open   ${ms(node.opened.milliseconds)} (${ms(node.loaded)} of it to load the program), ${mega(node.opened.rss)}; ${times(node.opened.milliseconds / node.bare.milliseconds)} and ${times(node.opened.rss / node.bare.rss)} the bare one
  online       ${ms(node.online.milliseconds)} more, ${mega(node.online.rss)}`
}

/** A folder named by BENCH_PROFILE gets CPU profiles of our two processes. */
function profiled(name) {
  const folder = process.env.BENCH_PROFILE
  return folder ? { cpuProfile: join(folder, name) } : {}
}

function expectAll(who, count) {
  if (count !== RECORDS) throw new Error(`${who} has ${count} of ${RECORDS} records`)
}
