import type { PublicKey, Signer } from '@muniment/interface'
import { describe, expect, it } from 'vitest'

/** What a test of a signer needs: the signer, and a way to check what it signed. */
export interface SignerUnderTest {
  readonly signer: Signer
  readonly verify: (publicKey: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean
}

const KEY_LENGTHS = { Ed25519: 32, ES256: 65 }
const SIGNATURE_LENGTH = 64

/**
 * Runs what every {@link Signer} must do.
 *
 * @param name - what is tested, for the report
 * @param make - gives a signer with a fresh key, and the platform's verification
 */
export function signerCompliance(name: string, make: () => Promise<SignerUnderTest>): void {
  describe(`${name}, as a signer`, () => {
    const message = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)

    it('its public key has the length of its algorithm', async () => {
      const { signer } = await make()

      expect(signer.publicKey.bytes).toHaveLength(KEY_LENGTHS[signer.publicKey.algorithm])
    })

    it('a signature has 64 bytes and verifies with the public key', async () => {
      const { signer, verify } = await make()
      const signature = await signer.sign(message)

      expect(signature).toHaveLength(SIGNATURE_LENGTH)
      expect(verify(signer.publicKey, message, signature)).toBe(true)
    })

    it('an empty message can be signed', async () => {
      const { signer, verify } = await make()
      const nothing = new Uint8Array(0)

      expect(verify(signer.publicKey, nothing, await signer.sign(nothing))).toBe(true)
    })

    it('a signature is worth nothing for another message, nor with another key', async () => {
      const { signer, verify } = await make()
      const stranger = await make()
      const signature = await signer.sign(message)

      expect(verify(signer.publicKey, message.subarray(1), signature)).toBe(false)
      expect(verify(stranger.signer.publicKey, message, signature)).toBe(false)
    })

    it('many messages signed at the same time get each its own signature', async () => {
      const { signer, verify } = await make()
      const messages = Array.from({ length: 20 }, (_, index) => message.subarray(index))
      const signatures = await Promise.all(messages.map((each) => signer.sign(each)))

      for (const [index, signature] of signatures.entries()) {
        expect(verify(signer.publicKey, message.subarray(index), signature)).toBe(true)
      }
    })
  })
}
