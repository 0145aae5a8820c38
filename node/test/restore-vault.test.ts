import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecoveryMember } from '@muniment/devices'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  createVault,
  type NewKit,
  openKit,
  openVault,
  type PersonVault,
  type RestoredVault,
  restoreVault,
} from '../src/index.ts'
import { unfinishedFolder } from '../src/home/folder.ts'
import { startReplicaHost } from '../src/replica/index.ts'
import { startS3, S3_KEY } from './support/s3-server.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { PASSWORD, startWebdav, USERNAME } from './support/webdav-server.ts'

let root: string
let drive: string
let bare: string
/** Everything that Ana has, before all is lost. */
let laptop: PersonVault
let kit: NewKit

beforeEach(async () => {
  root = await temporaryFolder()
  drive = join(root, 'drive')
  bare = join(root, 'bare')
  laptop = await createVault({ folder: join(root, 'laptop'), name: 'Laptop' })
  await laptop.addReplica({ kind: 'folder', folder: drive })
  kit = await laptop.makeKit()
  await kit.answer(kit.positions.map((position) => kit.words[position - 1] ?? ''))
  return () => laptop.close()
})

async function memberOf({ words }: NewKit): Promise<RecoveryMember> {
  const opened = await openKit(words.join(' '))
  if (!opened.ok) throw new TypeError('these are the words')
  return opened.member
}

async function restored(init: Partial<Parameters<typeof restoreVault>[0]> = {}): Promise<RestoredVault> {
  return restoreVault({
    folder: bare,
    name: 'New laptop',
    member: await memberOf(kit),
    replicas: [{ kind: 'folder', folder: drive }],
    ...init,
  })
}

async function everything(vault: PersonVault): Promise<unknown> {
  const records = await Array.fromAsync(vault.records({ limit: 10_000 }))
  return {
    records,
    collections: [...vault.collections()],
    conflicts: await Array.fromAsync(vault.conflicts()),
  }
}

describe('from 24 words and one replica, on a bare machine', () => {
  test('everything is back that was written and had reached the replica: records, edits, removals', async () => {
    const flat = await laptop.note('Flat', { rent: '900' })
    const car = await laptop.note('Car')
    await laptop.edit(flat, { fields: { rent: '950' } })
    await laptop.remove(car)
    await laptop.pushReplica('drive')
    const before = await everything(laptop)
    await laptop.close()
    await rm(join(root, 'laptop'), { recursive: true })
    const { vault, report } = await restored()
    expect(await everything(vault)).toEqual(before)
    expect(vault.vaultId).toBe(laptop.vaultId)
    expect(vault.deviceId).not.toBe(laptop.deviceId)
    expect(report).toMatchObject({ removed: ['Laptop'], kept: [], problems: [] })
    expect(vault.devices().map(({ name }) => name)).toEqual(['New laptop'])
    await vault.note('Written after')
    // It told the replica of itself at once.
    expect(await vault.replicas()).toMatchObject([{ name: 'drive', confirmedAt: expect.any(Number) }])
    expect(await vault.kitStatus()).toMatchObject({ keyId: kit.keyId, counts: true })
    await vault.pushReplica('drive')
    expect(await vault.checkReplica('drive', { deep: true })).toMatchObject({ ok: true })
    await vault.close()
    const again = await openVault({ folder: bare })
    expect(await again.count()).toBe(2)
    await again.close()
  })

  test('nothing is delivered again by itself, and no organisation hears of it', async () => {
    await laptop.pushReplica('drive')
    const { vault } = await restored()
    expect(await vault.resumeShares()).toEqual([])
    await vault.close()
  })

  test('the words restore once more, when the new device is lost as well', async () => {
    await laptop.note('First')
    await laptop.pushReplica('drive')
    const first = await restored()
    await first.vault.note('Second')
    await first.vault.pushReplica('drive')
    await first.vault.close()
    await rm(bare, { recursive: true })
    const { vault, report } = await restored()
    expect(await vault.count()).toBe(2)
    expect(report).toMatchObject({ removed: expect.arrayContaining(['New laptop']), problems: [] })
    await vault.close()
  })

  test('a device that she still has stays, and what was lost is out for it too', async () => {
    await laptop.note('First')
    await laptop.pushReplica('drive')
    const { vault, report } = await restored({ chooseLost: async () => [] })
    expect(report).toMatchObject({ removed: [], kept: ['Laptop'] })
    expect(vault.devices().map(({ name }) => name)).toEqual(['Laptop', 'New laptop'])
    await vault.close()
  })

  test('a folder with something in it is not touched, and nothing is pulled', async () => {
    await laptop.pushReplica('drive')
    await expect(restored({ folder: join(root, 'laptop') })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
  })

  test('words of no vault, and words that were replaced, restore nothing', async () => {
    await laptop.pushReplica('drive')
    const other = await createVault({ folder: join(root, 'other'), name: 'Other' })
    const stranger = await memberOf(await other.makeKit())
    await other.close()
    await expect(restored({ member: stranger })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(await readdir(root)).not.toContain('bare')
    await cp(drive, join(root, 'older'), { recursive: true })
    const next = await laptop.makeKit()
    const words = next.positions.map((position) => next.words[position - 1] ?? '')
    await next.answer(words, { replacing: kit.words.join(' ') })
    await laptop.pushReplica('drive')
    await expect(restored()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    // What lies in an older copy still opens for them, and the newer replica says that they are out.
    const old = [{ kind: 'folder', folder: join(root, 'older') }] as const
    await expect(restored({ replicas: old })).rejects.toMatchObject({ code: 'ERR_NOT_A_MEMBER' })
  })
})

describe('from other places than a folder', () => {
  test('Bob’s machine, which stores for a vault that it cannot name', async () => {
    const bobs = await startReplicaHost({ folder: join(root, 'bob'), listen: ['/ip4/127.0.0.1/tcp/0'] })
    try {
      const place = { kind: 'peer', link: bobs.link(await bobs.host.grant({ quota: 64 << 20 })) } as const
      const added = await laptop.addReplica(place)
      await laptop.note('Flat')
      await laptop.pushReplica(added.id)
      expect((await laptop.replicas())[1]).toMatchObject({ kind: 'peer', waiting: 0 })
      expect(JSON.stringify(await laptop.replicas())).not.toContain(place.link.slice(20, 60))
      await rm(drive, { recursive: true })
      const { vault } = await restored({ replicas: [place] })
      expect(await vault.count()).toBe(1)
      await vault.close()
    } finally {
      await bobs.stop()
    }
  })

  test('a WebDAV server and a bucket, of which the newer counts', async () => {
    const [webdav, s3] = [await startWebdav(), await startS3()]
    try {
      const server = { kind: 'webdav', url: webdav.url, username: USERNAME, password: PASSWORD } as const
      const bucket = { kind: 's3', endpoint: s3.endpoint, ...S3_KEY } as const
      const ids = [(await laptop.addReplica(server)).id, (await laptop.addReplica(bucket)).id]
      for (const id of ids) await laptop.pushReplica(id)
      await laptop.note('Only in the bucket')
      await laptop.pushReplica(ids[1] ?? '')
      await rm(drive, { recursive: true })
      const { vault } = await restored({ replicas: [server, bucket] })
      expect(await vault.count()).toBe(1)
      expect((await vault.replicas()).map(({ kind, waiting }) => `${kind} ${waiting}`)).toEqual(
        expect.arrayContaining(['webdav 0', 's3 0']),
      )
      await vault.close()
    } finally {
      await webdav.stop()
      await s3.stop()
    }
  }, 60_000)
})

describe('how sure it is that nothing is missing', () => {
  test('one replica alone says since when that is not confirmed', async () => {
    await laptop.note('First')
    await laptop.pushReplica('drive')
    const [{ confirmedAt = 0 } = {}] = await laptop.replicas()
    const { vault, report } = await restored()
    expect(report.why).toBe('alone')
    expect(Math.abs((report.unconfirmedSince ?? 0) - confirmedAt)).toBeLessThan(5000)
    expect(await vault.restored()).toMatchObject({ why: 'alone', unconfirmedSince: report.unconfirmedSince })
    await vault.close()
  })

  test('an old copy of a replica says so: what came after it is not in it', async () => {
    await laptop.note('Before the copy')
    await laptop.pushReplica('drive')
    const old = join(root, 'old copy')
    await cp(drive, old, { recursive: true })
    const copiedAt = Date.now()
    await laptop.note('After the copy')
    await laptop.pushReplica('drive')
    await rm(drive, { recursive: true })
    const { vault, report } = await restored({ replicas: [{ kind: 'folder', folder: old }] })
    expect(await vault.count()).toBe(1)
    expect(report.why).toBe('alone')
    expect(report.unconfirmedSince).toBeLessThanOrEqual(copiedAt)
    await vault.close()
  })

  test('with a newer replica that can be reached, but not read whole, it says that there was more', async () => {
    await laptop.note('Before the copy')
    await laptop.pushReplica('drive')
    const old = join(root, 'old copy')
    await cp(drive, old, { recursive: true })
    await laptop.note('After the copy')
    await laptop.pushReplica('drive')
    await rmPacksOfOnly(drive, old)
    const { vault, report } = await restored({
      replicas: [
        { kind: 'folder', folder: old },
        { kind: 'folder', folder: drive },
      ],
    })
    expect(report).toMatchObject({ why: 'older' })
    expect(report.problems.map(({ code }) => code)).toContain('missing_pack')
    await vault.close()
  })

  test('an old copy beside a newer replica gives everything, also when only the copy is named', async () => {
    await laptop.note('Before the copy')
    await laptop.pushReplica('drive')
    const old = join(root, 'old copy')
    await cp(drive, old, { recursive: true })
    await laptop.addReplica({ kind: 'folder', folder: join(root, 'second') })
    await laptop.note('After the copy')
    for (const name of ['drive', 'second']) await laptop.pushReplica(name)
    const { vault, report } = await restored({ replicas: [{ kind: 'folder', folder: old }] })
    expect(await vault.count()).toBe(2)
    expect(report.unconfirmedSince).toBeUndefined()
    await vault.close()
  })
})

describe('a restore into a scratch folder', () => {
  test('counts as a rehearsal, reads every record, and leaves nothing behind', async () => {
    await laptop.note('Flat')
    const scratch = join(root, 'scratch')
    const tried = await laptop.rehearseRestore(kit.words.join(' '), { folder: scratch })
    expect(tried).toMatchObject({ ok: true, records: 1, expected: 1, kit: { rehearsed: { how: 'restore' } } })
    expect(await readdir(scratch)).toEqual([])
    expect(laptop.devices().map(({ name }) => name)).toEqual(['Laptop'])
  })

  test('says no when the words are others, or no replica gives everything', async () => {
    await laptop.note('Flat')
    const scratch = join(root, 'scratch')
    const wrong = kit.words.with(3, kit.words[3] === 'zoo' ? 'zone' : 'zoo').join(' ')
    expect(await laptop.rehearseRestore(wrong, { folder: scratch })).toMatchObject({ ok: false })
    await rm(drive, { recursive: true })
    expect(await laptop.rehearseRestore(kit.words.join(' '), { folder: scratch })).toMatchObject({
      ok: false,
      problems: [{ code: 'no_replica' }],
    })
    expect(await laptop.kitStatus()).toMatchObject({ rehearsed: { how: 'three_words' } })
  })
})

describe('a restore that is cut off', () => {
  test('leaves nothing where the vault was to be, and goes on with what it had', async () => {
    for (let number = 0; number < 5; number++) {
      await laptop.note(`Note ${number}`)
      await laptop.pushReplica('drive')
    }
    const giveUp = new AbortController()
    let [whole, packs, left] = [0, 0, 0]
    const cut = restored({
      signal: giveUp.signal,
      onProgress: ({ done, expected }) => {
        whole = expected
        if (done === 2) giveUp.abort()
      },
    })
    await expect(cut).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(await readdir(root)).not.toContain('bare')
    await expect(openVault({ folder: unfinishedFolder(bare) })).rejects.toMatchObject({
      code: 'ERR_NO_VAULT',
    })
    const { vault } = await restored({
      // Until devices are asked about packs are read; uploads come after.
      chooseLost: async (devices) => {
        left = packs
        return devices.map(({ id }) => id)
      },
      onProgress: ({ done }) => {
        packs = done
      },
    })
    expect(whole).toBeGreaterThan(2)
    expect(left).toBeLessThan(whole)
    expect(await vault.count()).toBe(5)
    expect(await readdir(root)).not.toContain('.bare.unfinished')
    await vault.close()
  })
})

async function rmPacksOfOnly(folder: string, other: string): Promise<void> {
  const inOther = new Set(await readdir(other, { recursive: true }))
  for (const name of await readdir(folder, { recursive: true })) {
    const isPack = name.length > 64 && !name.startsWith('00')
    if (isPack && !inOther.has(name)) await rm(join(folder, name))
  }
}
