import { join } from 'node:path'
import { makeReplicaSecret } from '@muniment/replicas'
import { nodeCryptography as cryptography, nodeRandom } from 'muniment/platform'
import { openFolderReplica } from 'muniment/replicas'
import { openLevelStore } from 'muniment/store'
import { expect, it } from 'vitest'
import { type Device, type Person, person } from '../../packages/replicas/test/support/people.ts'
import { heldBytes } from './support/held-bytes.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

async function onDisk(ana: Person): Promise<Device> {
  const path = join(await temporaryFolder(), 'store')
  return ana.device({
    store: await openLevelStore(path, { key: nodeRandom(32), cryptography, random: nodeRandom }),
  })
}

/** Entries of 60,000 bytes: 96 MB, in some fifty packs of 2 MiB. */
const ENTRIES = 1600

it(
  'pushing, checking and pulling a large vault takes the memory of few packs',
  { timeout: 120_000 },
  async () => {
    const [ana, secret, folder] = [person(), makeReplicaSecret(nodeRandom), await temporaryFolder()]
    const [laptop, fresh] = [await onDisk(ana), await onDisk(ana)]
    for (let count = 0; count < ENTRIES; count += 40) {
      await Promise.all(Array.from({ length: 40 }, () => laptop.write(60_000)))
    }
    const storage = await openFolderReplica({ folder })
    const before = heldBytes()
    let [most, gets] = [0, 0]
    const watched = {
      ...storage,
      async get(name: string) {
        const bytes = await storage.get(name)
        // Collecting takes long: not every time.
        if (++gets % 6 === 0) most = Math.max(most, heldBytes() - before)
        return bytes
      },
    }
    const atLaptop = laptop.replica(watched, secret)
    await atLaptop.push()
    expect(await atLaptop.check()).toMatchObject({ ok: true })
    const { problems } = await fresh.replica(watched, secret).pull()

    expect(problems).toEqual([])
    expect(fresh.log.heads()).toEqual(laptop.log.heads())
    expect(most).toBeLessThan(64 << 20)
    await laptop.store.close()
    await fresh.store.close()
  },
)
