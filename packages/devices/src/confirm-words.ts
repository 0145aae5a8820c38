import type { Clock } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import { WORDS_TIMEOUT } from './constants.ts'
import { within } from './pairing-steps.ts'

/**
 * Shows the words to the person at this device and asks whether the other screen shows the same. The signal aborts when
 * the question no longer matters, because the other end gave up.
 */
export type ConfirmWords = (
  words: readonly string[],
  options: { readonly signal: AbortSignal },
) => boolean | Promise<boolean>

/** Asks the person; throws `ERR_WORDS_DIFFER` for a no, and `ERR_TIMEOUT` when nobody answers. */
export function askPerson(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal | undefined },
  confirmWords: ConfirmWords,
  words: readonly string[],
): Promise<void> {
  return within({ clock, timeout: WORDS_TIMEOUT, signal }, async (stop) => {
    if (await confirmWords(words, { signal: stop })) return
    throw new MunimentError('ERR_WORDS_DIFFER', 'the words were not confirmed: nothing was shared')
  })
}
