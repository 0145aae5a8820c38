import type { PersonParts } from '../open-parts.ts'

/** Milliseconds without anything coming back, after which the devices that are connected have no more of it. */
const REFILL_PATIENCE = 3_000

/**
 * Resolves once what the disk lost is back or given up, or once nothing has come back for a while: who is connected may have
 * lost the same.
 */
export async function refilled(
  { log, keyring, isKeyringLost }: Pick<PersonParts, 'isKeyringLost' | 'keyring' | 'log'>,
  signal?: AbortSignal,
): Promise<void> {
  const hasKeys = (): boolean => !isKeyringLost || keyring.bytes() !== undefined
  const hasEntries = (): boolean =>
    [...log.holes().values()].flat().every(({ isGivenUp }) => isGivenUp === true)
  const isDone = (): boolean => signal?.aborted === true || (hasKeys() && hasEntries())
  if (isDone()) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      for (const stop of stops) stop()
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const look = (): void => {
      clearTimeout(timer)
      timer = setTimeout(end, REFILL_PATIENCE)
      if (isDone()) end()
    }
    let timer = setTimeout(end, REFILL_PATIENCE)
    const stops = [log.onAppend(look), keyring.onChange(look)]
    signal?.addEventListener('abort', end, { once: true })
  })
}
