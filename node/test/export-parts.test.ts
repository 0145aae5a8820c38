import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VaultRecord } from '@muniment/vault'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { PART_LENGTH } from '../src/export/constants.ts'
import { fileNames } from '../src/export/file-names.ts'
import { lineParts } from '../src/export/line-parts.ts'
import { openJson } from '../src/export/open-json.ts'
import { packArchive } from '../src/export/pack-archive.ts'
import { vaultFiles } from '../src/export/vault-files.ts'
import { writeNewFile } from '../src/export/write-new-file.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const disk = vi.hoisted(() => ({ hasLinks: true }))
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original()
  const link: typeof real.link = async (...paths) => {
    if (!disk.hasLinks) throw Object.assign(new Error('no links here'), { code: 'EPERM' })
    await real.link(...paths)
  }
  return { ...real, link }
})

const kind = 'offer' as const

function aRecord(id: string, length: number): VaultRecord {
  const provenance = { assurance: 'typed' as const, at: 0 }
  return { id, collection: 'note', title: id, fields: { text: 'x'.repeat(length) }, provenance }
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}

test('lines fill parts up to their length, none is cut or lost, and a longer one has a part alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 60 })),
      fc.integer({ min: 1, max: 100 }),
      async (values, length) => {
        const parts = await Array.fromAsync(lineParts(each(values), length))
        const text = parts.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
        expect(text).toBe(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
        for (const { bytes, count } of parts) expect(bytes.length <= length || count === 1).toBe(true)
        expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
      },
    ),
  )
})

test('each kind has a file name of its own that leads nowhere else, whatever it is called', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.oneof(fc.string(), fc.constantFrom('..', '../x', 'Note', 'note', '_1', 'a:b', 'a_b')),
      ),
      (keys) => {
        const names = keys.map(fileNames())
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(keys.length)
        for (const name of names) expect(name).toMatch(/^[\w-]{1,100}$/u)
      },
    ),
  )
  expect(['bank-transaction', 'did:peer:4zQm'].map(fileNames())).toEqual([
    'bank-transaction',
    'did_peer_4zQm',
  ])
})

test('bytes stand in JSON as what they are, not as text', () => {
  const value = { jws: 'a', deep: [{ bytes: Uint8Array.of(251, 255) }], none: null, absent: undefined }
  expect(JSON.stringify(openJson(value))).toBe(
    '{"jws":"a","deep":[{"bytes":{"base64url":"-_8"}}],"none":null}',
  )
})

test('kinds and relationships have files of their own, and a long one goes on in a second part', async () => {
  const ana = {
    vaultId: 'v',
    deviceId: 'd',
    collections: () => new Map([['note', 9]]),
    records: () => each(Array.from({ length: 9 }, (_, n) => aRecord(`note ${n}`, 1 << 20))),
    imports: () => [],
    credentials: async () => [],
    copies: () => each<string>([]),
    ledger: () =>
      each(
        ['did:a', 'did:a', 'did:b'].map((relationship, n) => ({ relationship, n, kind, hash: '', body: {} })),
      ),
    shares: async () => [],
    devices: () => [],
  }
  const files = await Array.fromAsync(vaultFiles(ana))
  const counted = files.flatMap(({ path, holds }) => (holds ? [[path, holds.count]] : []))
  expect(counted).toEqual([
    ['records/note.jsonl', 7],
    ['records/note.2.jsonl', 2],
    ['ledger/did_a.jsonl', 2],
    ['ledger/did_b.jsonl', 1],
  ])
  for (const { bytes } of files) expect(bytes.length).toBeLessThanOrEqual(PART_LENGTH)
})

test('files are read only as fast as their bytes are taken', async () => {
  let read = 0
  const files = (async function* () {
    for (; read < 50; read++) yield { path: `${read}`, bytes: new Uint8Array(1 << 20) }
  })()
  const bytes = packArchive(files, new Date(0))
  for (let taken = 0; taken < 3; taken++) await bytes.next()
  expect(read).toBeLessThan(5)
  await bytes.return(undefined)
  expect(read).toBeLessThan(5)
  expect(await files.next()).toMatchObject({ done: true })
})

test('a vault that cannot be read to its end gives no archive', async () => {
  const folder = await temporaryFolder()
  const broken = (async function* () {
    yield { path: 'a', bytes: new Uint8Array(10) }
    throw new Error('the vault is damaged')
  })()
  const writing = writeNewFile(join(folder, 'archive'), async () => packArchive(broken, new Date(0)))
  await expect(writing).rejects.toThrow('the vault is damaged')
  expect(await readdir(folder)).toEqual([])
})

test('on a stick whose file system has no links, a file is named too, and none is replaced', async () => {
  const folder = await temporaryFolder()
  disk.hasLinks = false
  const path = join(folder, 'archive')
  expect(await writeNewFile(path, async () => each([Buffer.from('mine')]))).toBe(4)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const other = join(folder, 'other')
  const late = async function* () {
    yield Buffer.from('mine')
    await writeFile(other, 'of another')
  }
  await expect(writeNewFile(other, async () => late())).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
  expect(await readFile(other, 'utf8')).toBe('of another')
  expect(await readFile(path, 'utf8')).toBe('mine')
  expect((await readdir(folder)).sort()).toEqual(['archive', 'other'])
})
