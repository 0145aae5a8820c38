import type { KeyringFile } from '@muniment/interface'
import { beforeEach, describe, expect, it } from 'vitest'

/**
 * Runs what every {@link KeyringFile} must do.
 *
 * @param name - what is tested, for the report
 * @param make - gives a place where nothing was written yet; each call of the result opens that place anew
 */
export function keyringFileCompliance(name: string, make: () => Promise<() => KeyringFile>): void {
  describe(`${name}, as a keyring file`, () => {
    let openAgain: () => KeyringFile

    beforeEach(async () => {
      openAgain = await make()
    })

    it('a place where nothing was written reads as nothing', async () => {
      expect(await openAgain().read()).toBeUndefined()
    })

    it('what replaced the object is read back, also by who opens it anew', async () => {
      const file = openAgain()
      await file.replace(Uint8Array.of(1, 2, 3))

      expect(await file.read()).toEqual(Uint8Array.of(1, 2, 3))
      expect(await openAgain().read()).toEqual(Uint8Array.of(1, 2, 3))
    })

    it('a shorter object replaces a longer one whole', async () => {
      const file = openAgain()
      await file.replace(new Uint8Array(10_000).fill(7))
      await file.replace(Uint8Array.of(9))

      expect(await openAgain().read()).toEqual(Uint8Array.of(9))
    })

    it('replacements made at the same time leave the last one, never a mixture', async () => {
      const file = openAgain()
      await Promise.all([1, 2, 3, 4, 5].map((value) => file.replace(new Uint8Array(5000).fill(value))))

      expect(await openAgain().read()).toEqual(new Uint8Array(5000).fill(5))
    })
  })
}
