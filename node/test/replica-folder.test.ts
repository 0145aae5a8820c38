import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replicaCompliance } from '@muniment/compliance'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { openFolderReplica } from 'muniment/replicas'
import { expect, it } from 'vitest'

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'muniment-replica-'))

replicaCompliance(
  'A folder',
  async () => {
    const folder = await temporary()
    return {
      storage: await openFolderReplica({ folder }),
      again: () => openFolderReplica({ folder }),
      stop: () => rm(folder, { recursive: true }),
    }
  },
  { many: 100 },
)

it('files that syncing leaves beside the objects are passed over, and one that came in part shows by its size', async () => {
  const folder = await temporary()
  const storage = await openFolderReplica({ folder })
  const name = 'ab'.repeat(32)
  await storage.put(name, new Uint8Array(REPLICA_OBJECT_SIZES[0]))
  await mkdir(join(folder, '.stfolder'))
  for (const stray of [
    `${name} (conflicted copy 2026-11-24)`,
    `${name}-DESKTOP.sync-conflict-1`,
    '.DS_Store',
  ]) {
    await writeFile(join(folder, 'ab', stray), 'x')
  }
  await writeFile(join(folder, 'ab', `ab${'c'.repeat(62)}`), '')
  const listed = await Array.fromAsync(storage.list(''))

  expect(listed.toSorted((left, right) => right.size - left.size)).toEqual([
    { name, size: REPLICA_OBJECT_SIZES[0] },
    { name: `ab${'c'.repeat(62)}`, size: 0 },
  ])
  await rm(folder, { recursive: true })
})
