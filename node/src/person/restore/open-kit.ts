import { readRecoveryKit, type RecoveryMember, type WordProblem } from '@muniment/devices'
import { nodeCryptography } from '../../platform/index.ts'

/** Who restores, or everything that is wrong with what was typed. */
export type OpenedKit =
  | { readonly ok: true; readonly member: RecoveryMember }
  | { readonly ok: false; readonly problems: readonly WordProblem[] }

/**
 * Reads a kit from its 24 words, in any writing, or the text of its QR code. No vault is asked whether it is its own.
 *
 * @param options - `keyId`: as printed on the page, with which every typing error is found and the word named
 */
export async function openKit(
  text: string,
  options: { readonly keyId?: string | undefined } = {},
): Promise<OpenedKit> {
  const read = await readRecoveryKit({ cryptography: nodeCryptography }, text, options)
  return read.ok ? { ok: true, member: read.kit.member } : read
}
