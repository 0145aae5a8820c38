import { isMunimentError, type MunimentErrorCode } from '@muniment/interface'

/** What the command says at its end: done, a refusal or a negative answer, wrong usage, broken. */
export const EXIT = { done: 0, refused: 1, usage: 2, broken: 3 } as const

const USAGE = new Set<MunimentErrorCode>(['ERR_USAGE', 'ERR_INVALID_ARGUMENT'])
const BROKEN = new Set<MunimentErrorCode>([
  'ERR_BAD_CHAIN',
  'ERR_BAD_SIGNATURE',
  'ERR_CHANNEL_CLOSED',
  'ERR_FORK',
  'ERR_INTERNAL',
  'ERR_LEDGER_BROKEN',
  'ERR_PROTOCOL',
  'ERR_REPLICA_DAMAGED',
  'ERR_REPLICA_FULL',
  'ERR_REPLICA_ROLLED_BACK',
  'ERR_REPLICA_UNREACHABLE',
  'ERR_ROLLED_BACK',
  'ERR_SEAL_OPEN',
  'ERR_STORE_CLOSED',
  'ERR_STORE_DAMAGED',
  'ERR_STORE_FULL',
  'ERR_STORE_LOCKED',
  'ERR_STORE_NEWER',
  'ERR_STORE_NOT_WRITABLE',
  'ERR_TIMEOUT',
  'ERR_UNREACHABLE',
])

/** The exit code for an error: everything that is neither wrong usage nor broken is a "no". */
export function exitCodeOf(error: unknown): number {
  if (!isMunimentError(error)) return EXIT.broken
  if (USAGE.has(error.code)) return EXIT.usage
  return BROKEN.has(error.code) ? EXIT.broken : EXIT.refused
}
