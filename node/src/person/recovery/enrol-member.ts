import type { RecoveryMember } from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import type { PersonParts } from '../open-parts.ts'
import { forgetOthers, keepMember, type KeptMember } from './recovery-cards.ts'

/** What makes a member the vault's. */
export interface Enrolment {
  readonly kept: KeptMember
  /** Who gives it its place, where another kit, or other guardians, have it. */
  readonly replacing?: RecoveryMember | undefined
}

/** True when there is another of its kind, which the kit (or the guardians themselves) must replace. */
export function needsReplacing({ roster }: PersonParts, { card }: KeptMember): boolean {
  return roster.recoveryMembers().some(({ kind, id }) => kind === card.kind && id !== card.id)
}

/**
 * Makes a kit or guardians the vault's: in the roster, with a keyring that is sealed to it. Throws `ERR_USAGE` where
 * another one has the place and nobody who may replace it is given.
 */
export async function enrolMember(parts: PersonParts, { kept, replacing }: Enrolment): Promise<void> {
  const { roster, keyring, vault } = parts
  const { card } = kept
  if (!roster.recoveryMembers().some(({ id }) => id === card.id)) {
    // First what the devices are to know of it: a member whose card is lost could be let into no replica.
    await keepMember(vault, kept)
    await name(parts, { kept, replacing })
    await keyring.renew()
  }
  await keepMember(vault, kept)
  await forgetOthers(vault, kept)
}

async function name(parts: PersonParts, { kept, replacing }: Enrolment): Promise<void> {
  const { roster } = parts
  if (!needsReplacing(parts, kept)) return roster.nameRecovery(kept.card)
  if (replacing) return roster.actAsRecovery(replacing, { name: kept.card })
  throw new MunimentError('ERR_USAGE', 'the words of the present kit are needed to put another in its place')
}
