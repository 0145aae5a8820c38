import { keyringFileCompliance } from '@muniment/compliance'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, memoryKeyring } from 'muniment/store'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

keyringFileCompliance('a keyring in memory', async () => {
  const keyring = memoryKeyring()
  return () => keyring
})

keyringFileCompliance('a keyring in a file', async () => {
  const [path, key] = [join(await temporaryFolder(), 'vault', 'keyring'), random(32)]
  return () => fileKeyring(path, { key, cryptography, random })
})

describe('a keyring in a file', () => {
  it('is sealed, readable by its owner only, and leaves no other file', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'keyring')
    await fileKeyring(path, { key: random(32), cryptography, random }).replace(
      Buffer.from('alice and her keys'),
    )

    expect((await readFile(path)).includes('alice')).toBe(false)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['keyring'])
  })

  it('says that it is damaged when any bit of it was flipped', async () => {
    const [path, key] = [join(await temporaryFolder(), 'keyring'), random(32)]
    const keyring = fileKeyring(path, { key, cryptography, random })
    await keyring.replace(Uint8Array.of(1, 2, 3))
    const whole = await readFile(path)
    for (let bit = 0; bit < whole.length * 8; bit += 13) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(path, flipped)

      await expect(keyring.read()).rejects.toMatchObject({ code: 'ERR_STORE_DAMAGED' })
    }
  })
})
