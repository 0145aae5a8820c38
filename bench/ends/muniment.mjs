import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createVault, joinVault, openVault } from '../../node/dist/index.js'
import { editSteadily, now, sightings } from '../live-edits.mjs'
import { statements } from '../records.mjs'

const passphrase = 'a passphrase of the bench'
const confirmWords = async () => true
let vault
let seen
let ids

/** On the laptop: makes an empty vault and waits for devices. */
export async function create(folder) {
  vault = await createVault({ folder, passphrase, name: 'Laptop' })
  await vault.goOnline()
}

/** On the laptop: gives a link that one device may join by. */
export function invite() {
  return new Promise((resolve, reject) => {
    vault.invite({ confirmWords, onInvitation: ({ link }) => resolve(link) }).catch(reject)
  })
}

/** On the phone: joins, and closes the vault again. */
export async function joinBy(folder, invitation) {
  vault = await joinVault({ folder, passphrase, name: 'Phone', invitation, confirmWords })
  await vault.close()
}

/** On the laptop: imports bank statements of so many records together. */
export async function fill(count, folder) {
  await mkdir(folder)
  for (const [at, statement] of statements(count).entries()) {
    const path = join(folder, `${at}.ofx`)
    await writeFile(path, statement)
    await vault.import(path)
  }
  await rm(folder, { recursive: true })
  return vault.count()
}

/** On the phone: opens its vault, offline. */
export async function open(folder) {
  vault = await openVault({ folder, passphrase })
  return vault.count()
}

/** On the phone: milliseconds from going online until all is on disk here and acknowledged. */
export async function sync() {
  const since = now()
  await vault.goOnline()
  await vault.syncOnce()
  const milliseconds = now() - since
  return { milliseconds, count: await vault.count() }
}

/** On the laptop and the phone, which show the same newest records: those that are edited. */
export async function show(count) {
  ids = await newest(count)
}

/** On the phone: watches for edits, and counts one as seen when its value has been read. */
export function watch() {
  vault.observe(async ({ ids: changed = [] }) => {
    for (const id of changed) {
      const label = (await vault.record(id))?.fields.label
      if (typeof label === 'string' && label.startsWith('edit ')) seen?.see(Number(label.slice(5)))
    }
  })
}

/** On the phone: which edits come next. */
export function expect(edits) {
  seen = sightings(edits)
}

/** On the phone: when each of them was seen. */
export function whenSeen() {
  return seen.all
}

/** On the laptop: labels records, one after the other, each on disk before the next. */
export function edit(edits) {
  return editSteadily(edits, (at) => vault.edit(ids[at], { fields: { label: `edit ${at}` } }))
}

async function newest(count) {
  const found = []
  for await (const { id } of vault.records({ limit: count })) found.push(id)
  return found
}

/** What this process takes, and how many records its vault has. */
export async function status() {
  return {
    at: process.hrtime.bigint().toString(),
    rss: process.memoryUsage.rss(),
    count: await vault.count(),
  }
}

/** Goes online without waiting for another device. */
export async function online() {
  await vault.goOnline()
}

export async function close() {
  await vault.close()
}
