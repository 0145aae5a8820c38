import { fromCanonical, toCanonical } from '@muniment/crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { changeUnlocking, createKeyHeader, openKeyHeader, vaultFileKeys } from 'muniment/store'
import { describe, expect, it } from 'vitest'
import { guarded, unguarded } from '../src/store/guarded-bytes.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const components = { cryptography, random }
const alice = { passphrase: 'correct horse' }

interface Fields {
  parameters: { memoryKiB: number; passes: number; lanes: number }
  [name: string]: unknown
}

async function aliceHeader(): Promise<{ path: string; rootKey: Uint8Array }> {
  const path = join(await temporaryFolder(), 'vault', 'header')
  return { path, rootKey: await createKeyHeader(path, alice, components) }
}

async function rewrite(path: string, change: (fields: Fields) => void): Promise<void> {
  const fields = fromCanonical(unguarded(await readFile(path), 'header')) as Fields
  change(fields)
  await writeFile(path, guarded(toCanonical(fields as never)))
}

describe('the header that a passphrase opens', () => {
  it('Alice opens her vault with her passphrase', async () => {
    const { path, rootKey } = await aliceHeader()

    expect(await openKeyHeader(path, alice, components)).toEqual(rootKey)
    expect(rootKey).toHaveLength(32)
  })

  it('who has not her passphrase does not open it', async () => {
    const { path } = await aliceHeader()
    for (const passphrase of ['correct horse ', 'Correct horse', '\u0000']) {
      await expect(openKeyHeader(path, { passphrase }, components)).rejects.toMatchObject({
        code: 'ERR_WRONG_PASSPHRASE',
      })
    }
  })

  it('a passphrase with accents opens it from any keyboard', async () => {
    const path = join(await temporaryFolder(), 'header')
    const rootKey = await createKeyHeader(path, { passphrase: 'été'.normalize('NFC') }, components)

    expect(await openKeyHeader(path, { passphrase: 'été'.normalize('NFD') }, components)).toEqual(rootKey)
  })

  it('a thief who weakens the parameters is refused before anything is derived', async () => {
    for (const weak of [{ memoryKiB: 8 }, { memoryKiB: 65_535 }, { passes: 1 }, { lanes: 0 }]) {
      const { path } = await aliceHeader()
      await rewrite(path, ({ parameters }) => Object.assign(parameters, weak))

      await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({
        code: 'ERR_WEAK_KEY_PARAMETERS',
      })
    }
  })

  it('parameters that would take the whole machine are refused', async () => {
    const { path } = await aliceHeader()
    await rewrite(path, ({ parameters }) => Object.assign(parameters, { memoryKiB: 2 ** 32 - 1 }))

    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })

  it('parameters are bound to the key: changed ones do not open it, even stronger ones', async () => {
    const { path } = await aliceHeader()
    await rewrite(path, ({ parameters }) => Object.assign(parameters, { passes: 4 }))

    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({
      code: 'ERR_WRONG_PASSPHRASE',
    })
  })

  it('a header of a newer version is refused as such', async () => {
    const { path } = await aliceHeader()
    await rewrite(path, (fields) => Object.assign(fields, { format: 2, novelty: true }))

    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({ code: 'ERR_STORE_NEWER' })
  })

  it('a header that is cut or holds something else is damaged', async () => {
    const { path } = await aliceHeader()
    const whole = await readFile(path)
    for (const broken of [whole.subarray(0, -1), Buffer.from('hello'), Buffer.alloc(0)]) {
      await writeFile(path, broken)

      await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({
        code: 'ERR_STORE_DAMAGED',
      })
    }
  })

  it('where there is no vault, opening says so', async () => {
    const path = join(await temporaryFolder(), 'header')

    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({ code: 'ERR_NO_VAULT' })
  })

  it('a vault that exists is not made anew', async () => {
    const { path, rootKey } = await aliceHeader()

    await expect(createKeyHeader(path, alice, components)).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
    expect(await openKeyHeader(path, alice, components)).toEqual(rootKey)
  })

  it('after a change of passphrase the new one opens the same vault and the old one does not', async () => {
    const { path, rootKey } = await aliceHeader()
    const to = { passphrase: 'battery staple' }
    await changeUnlocking(path, { from: alice, to }, components)

    expect(await openKeyHeader(path, to, components)).toEqual(rootKey)
    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({
      code: 'ERR_WRONG_PASSPHRASE',
    })
  })

  it('an empty passphrase is refused', async () => {
    const path = join(await temporaryFolder(), 'header')

    await expect(createKeyHeader(path, { passphrase: '' }, components)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
  })
})

describe('the header that a key file opens', () => {
  it('the file is made, readable by its owner only, and opens the vault', async () => {
    const folder = await temporaryFolder()
    const [path, keyFile] = [join(folder, 'header'), join(folder, 'key')]
    const rootKey = await createKeyHeader(path, { keyFile }, components)

    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    expect(await openKeyHeader(path, { keyFile }, components)).toEqual(rootKey)
  })

  it('another file, a passphrase, or a file that others may read opens nothing', async () => {
    const folder = await temporaryFolder()
    const [path, keyFile, other] = [join(folder, 'header'), join(folder, 'key'), join(folder, 'other')]
    await createKeyHeader(path, { keyFile }, components)
    await writeFile(other, random(32), { mode: 0o600 })

    await expect(openKeyHeader(path, { keyFile: other }, components)).rejects.toMatchObject({
      code: 'ERR_WRONG_PASSPHRASE',
    })
    await expect(openKeyHeader(path, alice, components)).rejects.toMatchObject({
      code: 'ERR_WRONG_PASSPHRASE',
    })
    await chmod(keyFile, 0o644)
    await expect(openKeyHeader(path, { keyFile }, components)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
  })
})

describe('the keys of a vault’s files', () => {
  it('are different from each other and from the root key', async () => {
    const rootKey = random(32)
    const keys = [rootKey, ...Object.values(vaultFileKeys(cryptography, rootKey))].map((key) =>
      Buffer.from(key as Uint8Array).toString('hex'),
    )

    expect(new Set(keys).size).toBe(4)
  })
})
