import { MunimentError, type MunimentErrorCode } from '@muniment/interface'

interface Meaning {
  readonly code: MunimentErrorCode
  readonly sign: RegExp
  readonly message: string
}

/** What the operating system and Level say, from the most telling to the least, and what it means to a person. */
const MEANINGS: readonly Meaning[] = [
  {
    code: 'ERR_STORE_FULL',
    sign: /ENOSPC|EDQUOT|No space left|quota exceeded/i,
    message: 'the disk is full: nothing was changed; make room and try again',
  },
  {
    code: 'ERR_STORE_LOCKED',
    sign: /LEVEL_LOCKED|lock .*(already held|temporarily unavailable)/i,
    message: 'another Muniment process has this folder open: stop it, or let it do the work',
  },
  {
    code: 'ERR_STORE_NOT_WRITABLE',
    sign: /EACCES|EPERM|EROFS|ENOTDIR|Permission denied|Read-only file system|Operation not permitted/i,
    message: 'this folder cannot be written to: check its owner and its permissions',
  },
  {
    code: 'ERR_STORE_DAMAGED',
    sign: /EIO|Input\/output error/i,
    message:
      'the disk fails to read or to write: nothing that was acknowledged is lost; copy it while it can be read',
  },
  {
    code: 'ERR_STORE_CLOSED',
    sign: /LEVEL_(DATABASE|ITERATOR)_NOT_OPEN/,
    message: 'this store is closed',
  },
]

/** The {@link MunimentError} that an error of the disk or of Level means. One that is unknown counts as damage. */
export function toStoreError(error: unknown): MunimentError {
  if (error instanceof MunimentError) return error
  const text = told(error)
  const meaning = MEANINGS.find(({ sign }) => sign.test(text))
  return meaning
    ? new MunimentError(meaning.code, meaning.message, { cause: error })
    : new MunimentError('ERR_STORE_DAMAGED', 'the store on disk is damaged and was not used', {
        cause: error,
      })
}

/** Code and message of the innermost cause: Level wraps what went wrong into "failed to open". */
function told(error: unknown): string {
  let innermost = error
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause
  if (!(innermost instanceof Error)) return ''
  const code: unknown = Reflect.get(innermost, 'code')
  return `${typeof code === 'string' ? code : ''}\n${innermost.message}`
}
