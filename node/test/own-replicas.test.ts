import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lookAtReplica } from '@muniment/replicas'
import { beforeEach, expect, test } from 'vitest'
import { createVault, openVault, type PersonVault } from '../src/index.ts'
import { openFolderReplica } from '../src/replica/index.ts'
import { nodeCryptography } from '../src/platform/index.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

let root: string
let vault: PersonVault
let folder: string

beforeEach(async () => {
  root = await temporaryFolder()
  folder = join(root, 'drive')
  vault = await createVault({ folder: join(root, 'ana'), name: 'Laptop' })
  return () => vault.close()
})

test('Ana adds a folder, and is told when it has everything and what waits', async () => {
  await vault.note('Flat', { rent: '900' })
  const added = await vault.addReplica({ kind: 'folder', folder })
  expect(added).toMatchObject({ name: 'drive', kind: 'folder', location: folder, confirmedAt: undefined })
  expect(added.waiting).toBeGreaterThan(0)
  expect(await vault.pushReplica('drive')).toMatchObject({ packs: 1 })
  const [pushed] = await vault.replicas()
  expect(pushed).toMatchObject({ waiting: 0, isPushing: false, problem: undefined })
  expect(pushed?.confirmedAt).toBeGreaterThan(0)
  await vault.note('Car')
  expect((await vault.replicas())[0]?.waiting).toBeGreaterThan(0)
  expect(await vault.checkReplica('drive')).toMatchObject({ ok: true })
})

test('what waits, and that all was confirmed, is known after she closes and opens the vault', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.pushReplica('drive')
  const [before] = await vault.replicas()
  await vault.close()
  vault = await openVault({ folder: join(root, 'ana') })
  expect(await vault.replicas()).toEqual([before])
  expect(await vault.pushReplica('drive')).toMatchObject({ packs: 0, frames: 0 })
})

test('several replicas of a vault have secrets of their own, and names of their own', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.addReplica({ kind: 'folder', folder: join(root, 'disk', 'drive') })
  const ids = (await vault.replicas()).map(({ id }) => id)
  expect((await vault.replicas()).map(({ name }) => name)).toEqual(['drive', 'drive 2'])
  expect(new Set(ids).size).toBe(2)
  for (const id of ids) await vault.pushReplica(id)
  const [one, two] = await Promise.all([namesIn(folder), namesIn(join(root, 'disk', 'drive'))])
  expect(one.filter((name) => two.includes(name))).toEqual([])
})

test('while the vault is online what she writes reaches the replica by itself', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.goOnline({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  await vault.note('Flat')
  await expect
    .poll(async () => (await vault.replicas())[0]?.waiting, { timeout: 20_000, interval: 200 })
    .toBe(0)
  expect((await vault.replicas())[0]?.confirmedAt).toBeGreaterThan(0)
}, 30_000)

test('the same folder is not added twice, and one that moved is found again', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.pushReplica('drive')
  await expect(vault.addReplica({ kind: 'folder', folder })).rejects.toMatchObject({
    code: 'ERR_ALREADY_EXISTS',
  })
  const moved = join(root, 'other place')
  await cp(folder, moved, { recursive: true })
  await rm(folder, { recursive: true })
  await expect(vault.pushReplica('drive')).rejects.toMatchObject({ code: 'ERR_REPLICA_UNREACHABLE' })
  expect(await readdir(root)).not.toContain('drive')
  expect((await vault.replicas())[0]?.problem).toMatchObject({ code: 'ERR_REPLICA_UNREACHABLE' })
  expect(await vault.addReplica({ kind: 'folder', folder: moved })).toMatchObject({
    name: 'drive',
    location: moved,
  })
  await vault.pushReplica('drive')
  expect(await vault.replicas()).toMatchObject([{ waiting: 0, problem: undefined }])
})

test('a folder that was put back to an older state is told, and repaired when she says so', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.pushReplica('drive')
  await cp(folder, join(root, 'older'), { recursive: true })
  await vault.note('Written later')
  await vault.pushReplica('drive')
  await rm(folder, { recursive: true })
  await cp(join(root, 'older'), folder, { recursive: true })
  await vault.note('And more')
  await expect(vault.pushReplica('drive')).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
  expect((await vault.replicas())[0]?.problem).toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
  await vault.repairReplica('drive')
  expect(await vault.checkReplica('drive', { deep: true })).toMatchObject({ ok: true })
  expect(await vault.replicas()).toMatchObject([{ waiting: 0, problem: undefined }])
})

test('a damaged file is found by a check, and written again by a repair', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.note('Flat')
  await vault.pushReplica('drive')
  const pack = (await namesIn(folder)).find((name) => !name.startsWith('00')) ?? ''
  await writeFile(join(folder, pack.slice(0, 2), pack), 'a half-synced file')
  expect(await vault.checkReplica('drive')).toMatchObject({ ok: false })
  await vault.repairReplica('drive')
  expect(await vault.checkReplica('drive')).toMatchObject({ ok: true })
})

test('a replica that she removes is on no list, and what lies there stays and opens with nothing she has', async () => {
  await vault.addReplica({ kind: 'folder', folder })
  await vault.pushReplica('drive')
  await vault.removeReplica('drive')
  expect(await vault.replicas()).toEqual([])
  await expect(vault.pushReplica('drive')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  expect((await namesIn(folder)).length).toBeGreaterThan(0)
  const storage = await openFolderReplica({ folder })
  const other = new Uint8Array(32)
  expect(await lookAtReplica({ cryptography: nodeCryptography, storage }, other)).toBeUndefined()
})

async function namesIn(at: string): Promise<string[]> {
  const names = await readdir(at, { recursive: true })
  return names.map((name) => name.split('/').at(-1) ?? '').filter((name) => name.length === 64)
}
