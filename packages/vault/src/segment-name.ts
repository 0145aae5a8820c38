import type { Cryptography, DeviceId } from '@muniment/interface'
import { base64url, hashInDomain, toCanonical } from '@muniment/crypto'
import type { Segment } from './segment.ts'

const ID_LENGTH = 16

/**
 * The id of an import: a hash of its device and a random nonce. Another device cannot take it, so which of two devices'
 * segments counts never depends on whose log arrived first.
 */
export function importIdOf(cryptography: Cryptography, device: DeviceId, nonce: Uint8Array): string {
  return idOf(cryptography, 'muniment/import-id/1', toCanonical([device, nonce]))
}

/** The id of an import's segment, by its number in the import. */
export function segmentIdOf(cryptography: Cryptography, importId: string, number: number): string {
  return idOf(cryptography, 'muniment/segment-id/1', toCanonical([importId, number]))
}

/** True when the segment's ids are the ones of this device. */
export function isNamedBy(cryptography: Cryptography, device: DeviceId, segment: Segment): boolean {
  const { id, nonce, number, origin } = segment
  return (
    importIdOf(cryptography, device, nonce) === origin.importId &&
    segmentIdOf(cryptography, origin.importId, number) === id
  )
}

function idOf(cryptography: Cryptography, domain: string, bytes: Uint8Array): string {
  return base64url(hashInDomain(cryptography, domain, bytes).subarray(0, ID_LENGTH))
}
