import { isMunimentError, type Problem, type Refusal } from '@muniment/interface'

/** A "no" with one reason. */
export function refusal(code: string, message: string): Refusal {
  return { ok: false, problems: [{ code, message }] }
}

/** A "no" with all the reasons that were found. */
export function refusals(problems: readonly Problem[]): Refusal {
  return { ok: false, problems }
}

/** What `read` gives, or `undefined` when it throws `ERR_MALFORMED`; any other error is passed on. */
export function ifWellFormed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isMunimentError(error, 'ERR_MALFORMED')) return undefined
    throw error
  }
}
