import { type Argon2Parameters, MunimentError } from '@muniment/interface'

/** What a new header asks of who guesses: 64 MiB and three passes, 0.1 s on a laptop of 2025 (RFC 9106, section 4). */
export const KEY_PARAMETERS: Argon2Parameters = { memoryKiB: 64 * 1024, passes: 3, lanes: 1 }

/** The least that a header may ask (threat T1); less is refused, whoever wrote it. */
export const KEY_PARAMETERS_FLOOR: Argon2Parameters = { memoryKiB: 64 * 1024, passes: 3, lanes: 1 }

/** The most that a header may ask, so that one of unknown origin cannot take the whole machine. */
export const KEY_PARAMETERS_CEILING: Argon2Parameters = { memoryKiB: 1024 * 1024, passes: 64, lanes: 16 }

/** Throws `ERR_WEAK_KEY_PARAMETERS` below the floor and `ERR_UNSUPPORTED` above the ceiling. */
export function refuseBadParameters({ memoryKiB, passes, lanes }: Argon2Parameters): void {
  const { memoryKiB: least, passes: leastPasses, lanes: leastLanes } = KEY_PARAMETERS_FLOOR
  if (memoryKiB < least || passes < leastPasses || lanes < leastLanes) {
    throw new MunimentError(
      'ERR_WEAK_KEY_PARAMETERS',
      'this key header would make the passphrase easy to guess: it was not used',
    )
  }
  const most = KEY_PARAMETERS_CEILING
  if (memoryKiB > most.memoryKiB || passes > most.passes || lanes > most.lanes) {
    throw new MunimentError('ERR_UNSUPPORTED', 'this key header asks for more memory or time than is allowed')
  }
}
