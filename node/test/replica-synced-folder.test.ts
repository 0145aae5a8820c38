import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeReplicaSecret } from '@muniment/replicas'
import { nodeRandom } from 'muniment/platform'
import { openFolderReplica } from 'muniment/replicas'
import { expect, it } from 'vitest'
import { type Device, person } from '../../packages/replicas/test/support/people.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

interface Side {
  readonly device: Device
  readonly folder: string
  readonly replica: ReturnType<Device['replica']>
}

/** Ana's laptop and phone, each with its own side of a folder that some service syncs. */
async function twoSides(): Promise<{
  readonly laptop: Side
  readonly phone: Side
  readonly fresh: () => Promise<Device>
  readonly secret: Uint8Array
}> {
  const [ana, secret, root] = [person(), makeReplicaSecret(nodeRandom), await temporaryFolder()]
  const side = async (name: string): Promise<Side> => {
    const [device, folder] = [await ana.device(), join(root, name)]
    return { device, folder, replica: device.replica(await openFolderReplica({ folder }), secret) }
  }
  return { laptop: await side('laptop'), phone: await side('phone'), fresh: () => ana.device(), secret }
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** What a service does that syncs: each side gets the files that it lacks; what one has removed is not known here. */
async function sync(one: string, other: string): Promise<void> {
  await cp(one, other, { recursive: true, force: false })
  await cp(other, one, { recursive: true, force: false })
}

it('two devices that write at the same time, each to its side, lose nothing when the sides come together', async () => {
  const { laptop, phone, fresh, secret } = await twoSides()
  for (let round = 0; round < 4; round++) {
    for (const { device, replica } of [laptop, phone]) {
      await device.write(1000, 20_000)
      await replica.push()
    }
    await sync(laptop.folder, phone.folder)
  }
  await laptop.replica.pull()
  await phone.replica.push()
  const restored = await fresh()
  const { problems } = await restored
    .replica(await openFolderReplica({ folder: phone.folder }), secret)
    .pull()

  expect(problems).toEqual([])
  expect(restored.log.heads()).toEqual({ ...laptop.device.log.heads(), ...phone.device.log.heads() })
})

/** Names that Dropbox, OneDrive, Syncthing and Google Drive give to the other copy of a file. */
const CONFLICT_COPIES = [
  (name: string) => `${name} (Ana's conflicted copy 2026-11-24)`,
  (name: string) => `${name}-DESKTOP-ANA`,
  (name: string) => `${name}.sync-conflict-20261124-101010-ABCDEFG`,
  (name: string) => `${name} (1)`,
]

it('conflict copies, and what services keep beside the files, change nothing', async () => {
  const { laptop } = await twoSides()
  await laptop.device.write(1000, 50_000)
  await laptop.replica.push()
  for (const path of await filesOf(laptop.folder)) {
    for (const named of CONFLICT_COPIES) await writeFile(named(path), nodeRandom(1000))
  }
  await mkdir(join(laptop.folder, '.dropbox.cache'))
  await writeFile(join(laptop.folder, '.dropbox.cache', 'x'), 'x')
  await writeFile(join(laptop.folder, 'desktop.ini'), 'x')
  await laptop.device.write(1000)
  await laptop.replica.push()

  expect(await laptop.replica.check()).toMatchObject({ ok: true, foreign: 0, unlisted: 0 })
})

it('files that have not arrived, or only in part, are named, what is there is read, and all is well once they have', async () => {
  const { laptop, phone } = await twoSides()
  for (let push = 0; push < 6; push++) {
    await laptop.device.write(30_000)
    await laptop.replica.push()
  }
  await cp(laptop.folder, phone.folder, { recursive: true })
  const packs = (await filesOf(phone.folder)).filter((path) => !path.includes('/00/')).toSorted()
  const [cut = '', empty = '', away = ''] = packs
  const kept = new Map(
    await Promise.all([cut, empty, away].map(async (path) => [path, await readFile(path)] as const)),
  )
  await truncate(cut, 5000)
  await truncate(empty, 0)
  await rename(away, `${away}.partial`)

  const first = await phone.replica.pull()
  expect(first.problems.map(({ code }) => code).toSorted()).toEqual(
    expect.arrayContaining(['damaged_pack', 'missing_pack']),
  )
  expect(Object.keys(first.behind)).toEqual([laptop.device.id])
  for (const [path, bytes] of kept) await writeFile(path, bytes)
  expect((await phone.replica.pull()).problems).toEqual([])
  expect(phone.device.log.heads()).toEqual(laptop.device.log.heads())
})

it('a head that has not arrived whole hides nothing: the packs that are there are read', async () => {
  const { laptop, phone } = await twoSides()
  await laptop.device.write(1000, 2000)
  await laptop.replica.push()
  await cp(laptop.folder, phone.folder, { recursive: true })
  for (const path of await filesOf(join(phone.folder, '00'))) await truncate(path, 100)
  const { problems, frames } = await phone.replica.pull()

  expect(problems.map(({ code }) => code)).toContain('damaged_head')
  expect(frames).toBeGreaterThan(0)
  expect(phone.device.log.heads()).toEqual(laptop.device.log.heads())
})

it('two vaults in one folder do not disturb each other, also when one is repaired or gone', async () => {
  const [folder, ana, bob] = [await temporaryFolder(), person(), person()]
  const [hers, his] = [await ana.device(), await bob.device()]
  const [herSecret, hisSecret] = [makeReplicaSecret(nodeRandom), makeReplicaSecret(nodeRandom)]
  const open = (): ReturnType<typeof openFolderReplica> => openFolderReplica({ folder })
  const [atHers, atHis] = [hers.replica(await open(), herSecret), his.replica(await open(), hisSecret)]
  for (let round = 0; round < 3; round++) {
    await hers.write(1000)
    await his.write(1000)
    await Promise.all([atHers.push(), atHis.push()])
  }
  const files = await filesOf(folder)
  expect(await atHers.check()).toMatchObject({ ok: true, packs: 3 })
  await atHers.repair()
  expect(await atHis.check()).toMatchObject({ ok: true, packs: 3 })
  expect((await filesOf(folder)).length).toBeGreaterThanOrEqual(files.length - 2)
  const fresh = await bob.device()
  expect((await fresh.replica(await open(), hisSecret).pull()).problems).toEqual([])
  expect(Object.keys(fresh.log.heads())).toEqual([his.id])
  await rm(folder, { recursive: true })
  await expect(atHers.push()).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
})
