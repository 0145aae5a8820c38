import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_REPLICA_OBJECT, type ReplicaStorage } from '@muniment/interface'
import { lookAtReplica, makeReplicaSecret, recoverReplicaSecret } from '@muniment/replicas'
import { nodeRandom } from 'muniment/platform'
import { openFolderReplica, openPeerReplica, openS3Replica, openWebdavReplica } from 'muniment/replicas'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cryptography, person } from '../../packages/replicas/test/support/people.ts'
import { startHost } from './support/replica-host.ts'
import { S3_KEY, startS3 } from './support/s3-server.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { PASSWORD, startWebdav, USERNAME } from './support/webdav-server.ts'

/** Milliseconds with real servers, on a machine that does much else. */
const PATIENCE = 60_000

interface Place {
  readonly open: () => Promise<ReplicaStorage>
  /** The folder in which the keeper has it, where that is on this disk. */
  readonly folder?: string
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  async 'a folder'() {
    const folder = await temporaryFolder()
    return { folder, open: () => openFolderReplica({ folder }) }
  },
  async 'a WebDAV server'() {
    const server = await startWebdav()
    onTestFinished(() => server.stop())
    const credentials = { username: USERNAME, password: PASSWORD }
    return { open: () => openWebdavReplica({ url: server.url, ...credentials }) }
  },
  async 'an S3-compatible storage'() {
    const server = await startS3()
    onTestFinished(() => server.stop())
    return { open: () => openS3Replica({ endpoint: `${server.endpoint}/ana`, ...S3_KEY }) }
  },
  async 'a host'() {
    const folder = await temporaryFolder()
    const server = await startHost(folder)
    onTestFinished(() => server.stop())
    const capability = await server.link()
    return { folder, open: () => openPeerReplica({ capability }) }
  },
}

async function bytesIn(folder: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    parts.push(Buffer.from(name))
    if ((await stat(join(folder, name))).isFile()) parts.push(await readFile(join(folder, name)))
  }
  return Buffer.concat(parts)
}

describe.each(Object.keys(PLACES))('at %s', { timeout: PATIENCE }, (kind) => {
  async function place(): Promise<Place> {
    const opened = await PLACES[kind]?.()
    if (!opened) throw new TypeError('there is such a place')
    const storages: ReplicaStorage[] = []
    onTestFinished(async () => {
      for (const storage of storages) await storage.close()
    })
    return {
      ...opened,
      async open() {
        const storage = await opened.open()
        storages.push(storage)
        return storage
      },
    }
  }

  test('a vault of two devices is kept, and comes back on a bare one that has a recovery key', async () => {
    const [ana, { open }, secret, kit] = [
      person(),
      await place(),
      makeReplicaSecret(nodeRandom),
      nodeRandom(32),
    ]
    const [laptop, phone] = [await ana.device(), await ana.device()]
    laptop.keyring.held = nodeRandom(5000)
    const [atLaptop, atPhone] = [laptop.replica(await open(), secret), phone.replica(await open(), secret)]
    for (const size of [100, 40_000, 60_000, 60_000, 60_000, 60_000, 60_000]) await laptop.write(size)
    await phone.write(500)
    await Promise.all([atLaptop.push(), atPhone.push()])
    await atLaptop.admit([kit])
    await phone.write(500)
    await atPhone.push()

    const storage = await open()
    const found = await recoverReplicaSecret({ cryptography, storage }, kit)
    expect(found).toEqual(secret)
    expect((await lookAtReplica({ cryptography, storage }, secret))?.vault).toBe(ana.vault)
    const bare = await ana.device()
    const { problems, behind } = await bare.replica(storage, secret).pull()
    expect({ problems, behind }).toEqual({ problems: [], behind: {} })
    expect(bare.log.heads()).toEqual({ ...laptop.log.heads(), ...phone.log.heads() })
    expect(bare.keyring.held).toEqual(laptop.keyring.held)
    expect(await atPhone.check()).toMatchObject({ ok: true, foreign: 0, unlisted: 0 })
  })

  test('what its keeper loses or puts back is named, and mended', async () => {
    const [ana, { open }, secret] = [person(), await place(), makeReplicaSecret(nodeRandom)]
    const laptop = await ana.device()
    const keeper = await open()
    const replica = laptop.replica(await open(), secret)
    const before = new Map<string, Uint8Array>()
    await laptop.write(100)
    await replica.push()
    for await (const { name } of keeper.list(''))
      before.set(name, (await keeper.get(name)) ?? new Uint8Array(0))
    await laptop.write(200)
    await replica.push()
    for await (const { name } of keeper.list('')) if (!before.has(name)) await keeper.delete(name)
    for (const [name, bytes] of before) await keeper.put(name, bytes)

    await expect(replica.push()).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
    await replica.repair()
    expect(await replica.check()).toMatchObject({ ok: true })
  })

  test('its keeper reads nothing of whose it is and what is in it', async () => {
    const [ana, { open, folder }, secret] = [person(), await place(), makeReplicaSecret(nodeRandom)]
    const laptop = await ana.device()
    await laptop.note('CANARY')
    const storage = await open()
    await laptop.replica(storage, secret).push()
    const objects: Uint8Array[] = []
    for await (const { name } of storage.list(''))
      objects.push((await storage.get(name)) ?? new Uint8Array(0))
    const kept = Buffer.concat([...objects, ...(folder === undefined ? [] : [await bytesIn(folder)])])

    expect(kept.length).toBeLessThan(8 * MAX_REPLICA_OBJECT)
    const told = ['CANARY', laptop.id, ana.vault, ana.key, Buffer.from(secret).toString('hex')]
    for (const text of told) {
      expect(kept.indexOf(text)).toBe(-1)
      expect(kept.indexOf(Buffer.from(text, 'base64url'))).toBe(-1)
    }
    expect(kept.indexOf(secret)).toBe(-1)
  })
})
