import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { createVault } from '../src/index.ts'
import { startS3, S3_KEY } from './support/s3-server.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { PASSWORD, startWebdav, USERNAME } from './support/webdav-server.ts'

const COMMAND = [
  '--conditions=@muniment/source',
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
]
/** Milliseconds for commands from source, on a machine that does much else. */
const PATIENCE = 60_000
let root: string
let folder: string

beforeEach(async () => {
  root = await temporaryFolder()
  folder = join(root, 'ana')
  const vault = await createVault({ folder, name: 'Laptop' })
  await vault.note('Flat', { rent: '900' })
  await vault.close()
})

async function muniment(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const all = [...COMMAND, ...words, '--folder', folder]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, all, {
    env: { ...process.env, ...env },
  })
  return stdout + stderr
}

describe('Ana keeps her vault on servers', { timeout: PATIENCE }, () => {
  test('of WebDAV, with the password from a file or from the environment, and it is shown nowhere', async () => {
    const server = await startWebdav()
    try {
      const file = join(root, 'password')
      await writeFile(file, `${PASSWORD}\n`)
      const words = ['replica', 'add', 'webdav', server.url, '--username', USERNAME]
      const added = await muniment([...words, '--password-file', file, '--json'])
      expect(JSON.parse(added)).toMatchObject({
        added: 'vault',
        replicas: [{ kind: 'webdav', location: server.url, waiting: 0 }],
      })
      const again = await muniment([...words.slice(0, 3), `${server.url}2`, ...words.slice(4), '--json'], {
        MUNIMENT_REPLICA_PASSWORD: PASSWORD,
      })
      expect(JSON.parse(again).replicas).toHaveLength(2)
      const shown = (await muniment(['status', '--json'])) + (await muniment(['replica', 'list']))
      expect(added + again + shown).not.toContain(PASSWORD)
      expect(JSON.parse(await muniment(['replica', 'check', '--json']))).toMatchObject({ ok: true })
    } finally {
      await server.stop()
    }
  })

  test('of S3, with the secret key from the environment, and without one she is asked for it', async () => {
    const server = await startS3()
    try {
      const { region, accessKeyId, secretAccessKey } = S3_KEY
      const words = [
        'replica',
        'add',
        's3',
        server.endpoint,
        '--region',
        region,
        '--access-key-id',
        accessKeyId,
      ]
      await expect(muniment(words)).rejects.toMatchObject({ code: 2 })
      const added = await muniment([...words, '--json'], { MUNIMENT_REPLICA_SECRET_KEY: secretAccessKey })
      expect(JSON.parse(added)).toMatchObject({ replicas: [{ kind: 's3', waiting: 0 }] })
      expect(added + (await muniment(['status', '--json']))).not.toContain(secretAccessKey)
    } finally {
      await server.stop()
    }
  })

  test('and a wrong password adds nothing', async () => {
    const server = await startWebdav()
    try {
      const words = ['replica', 'add', 'webdav', server.url, '--username', USERNAME]
      const env = { MUNIMENT_REPLICA_PASSWORD: 'another one' }
      await expect(muniment(words, env)).rejects.toMatchObject({ code: 1 })
      expect(JSON.parse(await muniment(['replica', 'list', '--json']))).toEqual({ replicas: [] })
    } finally {
      await server.stop()
    }
  })
})
