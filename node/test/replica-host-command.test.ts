import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'
import { openPeerReplica, readCapabilityLink } from 'muniment/replicas'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createVault } from '../src/index.ts'
import { formatByteSize, parseByteSize } from '../src/cli/byte-size.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const COMMAND = ['--conditions=@muniment/source', MAIN, 'replica', 'host']
/** Milliseconds for commands from source, on a machine that does much else. */
const PATIENCE = 60_000
const OBJECT = new Uint8Array(REPLICA_OBJECT_SIZES[0]).fill(7)
const NAME = 'ab'.repeat(32)
let folder: string

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'for-friends')
})

interface Answer {
  readonly grants: readonly { readonly id: string; readonly used: number }[]
  readonly link: string
}

async function host(
  ...words: readonly string[]
): Promise<{ readonly process: ChildProcess; readonly ready: Answer }> {
  const child = spawn(process.execPath, [...COMMAND, '--folder', folder, '--json', ...words], {
    env: { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  return { process: child, ready: JSON.parse(String(line)) }
}

async function asks(...words: readonly string[]): Promise<Answer> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...COMMAND,
    '--folder',
    folder,
    '--json',
    ...words,
  ])
  return JSON.parse(stdout)
}

async function ends(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = await ended
  return code
}

describe('Bob keeps replicas for his friends', { timeout: PATIENCE }, () => {
  test('gives leave while the host runs and takes it back; the links hold after a restart', async () => {
    const first = await host('--quota', '10MB', '--note', 'Ana')
    expect(first.ready).toMatchObject({ event: 'ready', grants: [{ note: 'Ana', quota: 1e7, used: 0 }] })
    const ana = await openPeerReplica({ capability: first.ready.link })
    await ana.put(NAME, OBJECT)
    await ana.close()
    const more = await asks('--quota', '1MiB', '--note', 'Carol')
    expect(more.grants).toMatchObject([{ used: OBJECT.length }, { note: 'Carol', quota: 1 << 20 }])
    expect(await ends(first.process)).toBe(0)

    const second = await host()
    expect(second.ready).not.toHaveProperty('link')
    const later = await openPeerReplica({ capability: first.ready.link })
    expect(await later.get(NAME)).toEqual(OBJECT)
    const { id } = readCapabilityLink(first.ready.link)
    const left = await asks('--revoke', Buffer.from(id).toString('hex'))
    expect(left.grants).toMatchObject([{ note: 'Carol' }])
    await expect(later.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
    await later.close()
    expect(await ends(second.process)).toBe(0)
  })

  test('is told in words what he gave, in his language', async () => {
    const child = spawn(
      process.execPath,
      [...COMMAND, '--folder', folder, '--quota', '2 Go', '--lang', 'fr'],
      {
        env: { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let text = ''
    for await (const line of createInterface(child.stdout)) {
      text += `${line}\n`
      if (line.startsWith('L’hôte marche')) child.kill('SIGINT')
    }
    expect(text).toMatch(/2 GB[^]*muniment:replica\?v=1/u)
  })

  test('but in no folder of something else, and by no number of bytes that is none', async () => {
    await mkdir(folder)
    await writeFile(join(folder, 'thesis.odt'), 'x')
    await expect(asks()).rejects.toMatchObject({ code: 1 })
    await expect(asks('--quota', 'much')).rejects.toMatchObject({ code: 2 })
    const vault = await createVault({ folder: join(folder, 'ana'), name: 'Laptop' })
    await vault.close()
    await expect(asks('--folder', join(folder, 'ana'))).rejects.toMatchObject({ code: 2 })
  })
})

test('bytes are read as people write them, and shown so', () => {
  const read = ['0', '4096', '500MB', '1,5 Go', '2TiB', '64 k'].map(parseByteSize)
  expect(read).toEqual([0, 4096, 500e6, 1.5e9, 2 * 1024 ** 4, 64_000])
  for (const wrong of ['', 'GB', '-1', '1e3', '10XB', '99999999TB'])
    expect(() => parseByteSize(wrong)).toThrow()
  expect([0, 999, 1500, 10e9, 3e15].map(formatByteSize)).toEqual([
    '0 B',
    '999 B',
    '1.5 KB',
    '10 GB',
    '3000 TB',
  ])
})
