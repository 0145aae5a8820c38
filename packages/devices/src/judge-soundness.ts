import { clientIdOfNext } from './client-ids.ts'
import { judgeVoid, type Verdicts } from './judge-void.ts'
import type { Placed } from './placed.ts'
import type { Placement } from './placement.ts'
import { membershipOf } from './roster-members.ts'
import type { SignedOperation } from './roster-operation.ts'

/** An operation about to be placed. */
type Candidate = Pick<Placed, 'one' | 'past' | 'prev' | 'adds'>

/**
 * Why an operation can never have an effect, or `undefined`. It is judged by what its author knew, as if nothing else had
 * happened.
 */
export function judgeSoundness(placement: Placement, candidate: Candidate): string | undefined {
  const { one, past, prev } = candidate
  const { operation } = one
  if (operation.op === 'create') return 'second_beginning'
  if (prev.some(({ unsound }) => unsound !== undefined)) return 'after_a_void_one'
  const verdicts = judgeVoid(placement, past)
  return operation.op === 'signed'
    ? whyNotByKit(placement, verdicts, { operation, isSigned: one.isSigned })
    : whyNotByDevice(placement, verdicts, candidate)
}

function whyNotByDevice(placement: Placement, verdicts: Verdicts, candidate: Candidate): string | undefined {
  const { operation, author } = candidate.one
  const { members, removals } = membershipOf(verdicts, placement)
  if (!members.has(author)) return removals.has(author) ? 'removed' : 'not_a_member'
  if (operation.op === 'add') return whyNotAdded(placement, candidate, operation.device.id)
  if (operation.op === 'kit')
    return verdicts.kits[operation.kit.kind].length > 0 ? 'only_the_kit_changes_the_kit' : undefined
  if (operation.op !== 'rename' && operation.op !== 'remove') return undefined
  if (!members.has(operation.device)) return 'no_such_device'
  return operation.op === 'remove' && members.size === 1 ? 'last_device' : undefined
}

function whyNotAdded({ enrolledBy }: Placement, { one, adds }: Candidate, id: string): string | undefined {
  if (enrolledBy.has(id)) return 'already_enrolled'
  return clientIdOfNext(enrolledBy, one.author, adds) === undefined ? 'no_client_id_left' : undefined
}

function whyNotByKit(
  { signed }: Placement,
  { kits }: Verdicts,
  { operation, isSigned }: { readonly operation: SignedOperation; readonly isSigned: boolean },
): string | undefined {
  if (!isSigned) return 'bad_signature'
  if (kits[operation.kind].at(-1)?.id !== operation.by) return 'not_the_kit'
  if (operation.kind === 'guardians' && operation.acts.kit?.kind === 'kit')
    return 'only_the_kit_changes_the_kit'
  const slots = operation.acts.add.map(({ slot }) => slot)
  for (const { one } of signed) {
    if (one.operation.op === 'signed') slots.push(...one.operation.acts.add.map(({ slot }) => slot))
  }
  return new Set(slots).size < slots.length ? 'client_id_taken' : undefined
}
