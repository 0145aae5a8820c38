import { readRecoveryKit, recoverFromFragments, type RecoveryMember } from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import { nodeCryptography as cryptography } from '../../platform/index.ts'
import { sentence } from '../sentence.ts'

/** Who puts another kit, or other guardians, in the place of those that have it. */
export interface Replacing {
  /** The words of the present kit. */
  readonly replacing?: string | undefined
  /** Or, for guardians, enough fragments of the present ones. */
  readonly replacingFragments?: readonly string[] | undefined
}

/** Opens them. Throws `ERR_USAGE` when nothing is given, `ERR_REFUSED` for what is wrong. */
export async function replacingMember({
  replacing,
  replacingFragments = [],
}: Replacing): Promise<RecoveryMember> {
  if (replacing !== undefined) {
    const read = await readRecoveryKit({ cryptography }, replacing)
    if (read.ok) return read.kit.member
    throw new MunimentError('ERR_REFUSED', sentence(read.problems))
  }
  if (replacingFragments.length > 0) {
    const given = replacingFragments.map((fragment) => ({ fragment }))
    const recovered = await recoverFromFragments({ cryptography }, given)
    if (recovered.ok) return recovered.member
    throw new MunimentError('ERR_REFUSED', sentence(recovered.problems))
  }
  throw new MunimentError(
    'ERR_USAGE',
    'another one has this place: the words of the present kit are needed to put a new one there',
  )
}
