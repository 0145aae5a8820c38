import type { Cryptography, DeviceId, Problem } from '@muniment/interface'
import { combine } from 'shamir-secret-sharing'
import { type OpenFragment, parseFragment } from './fragment.ts'
import { readFragment } from './fragment-forms.ts'
import type { WordProblem } from './read-words.ts'
import { type RecoveryMember, recoveryMember } from './recovery-member.ts'

/** A fragment that a guardian brought. */
export interface GivenFragment {
  /** Who brought it, for naming one that does not read. */
  readonly from?: string | undefined
  /** Its bytes, the link of its QR code, or its words. */
  readonly fragment: Uint8Array | string
}

/** What is wrong with a fragment, and whose it is. */
export interface FragmentProblem extends WordProblem {
  /** Who brought it, else whose name is on it. */
  readonly guardian?: string
  /** Which of those given, from 1. */
  readonly given?: number
}

/** The recover member, or everything that is in the way. */
export type RecoverOutcome =
  | {
      readonly ok: true
      readonly member: RecoveryMember
      /** Fragments that were not needed and are bad: their guardians should be told. */
      readonly bad: readonly FragmentProblem[]
    }
  | { readonly ok: false; readonly problems: readonly FragmentProblem[] }

interface Brought {
  readonly given: number
  readonly guardian: string
  readonly fragment: OpenFragment
}

/**
 * Puts the secret together from enough fragments of one set. Each is checked by itself first, so that a bad one is
 * named; fragments of two sets are not mixed; and what comes out must be the member that the fragments name.
 *
 * Problems: those of `readFragment` with the guardian, `fragments_of_other_sets`, `too_few_fragments`,
 * `fragments_do_not_fit`.
 */
export async function recoverFromFragments(
  components: { readonly cryptography: Cryptography },
  given: readonly GivenFragment[],
): Promise<RecoverOutcome> {
  const { brought, bad } = readAll(components, given)
  const sets = bySet(brought)
  if (sets.length > 1) return { ok: false, problems: [...bad, ...otherSets(sets)] }
  const [set = []] = sets
  const [first] = set
  const needed = first?.fragment.threshold
  if (!first || needed === undefined || set.length < needed) {
    return { ok: false, problems: [...bad, tooFew(set.length, needed)] }
  }
  const secret = await combine(set.slice(0, needed).map(({ fragment }) => Uint8Array.from(fragment.share)))
  const member = await recoveryMember(components, { kind: 'guardians', secret })
  if (member.keys.id === first.fragment.member) return { ok: true, member, bad }
  return { ok: false, problems: [...bad, DO_NOT_FIT] }
}

function readAll(
  components: { readonly cryptography: Cryptography },
  given: readonly GivenFragment[],
): { readonly brought: readonly Brought[]; readonly bad: readonly FragmentProblem[] } {
  const brought: Brought[] = []
  const bad: FragmentProblem[] = []
  for (const [place, { from, fragment: form }] of given.entries()) {
    const read = readFragment(components, form)
    if (!read.ok) {
      const guardian = from ?? nameOn(components.cryptography, form)
      bad.push(...read.problems.map((problem) => named(problem, place + 1, guardian)))
      continue
    }
    const fragment = parseFragment(components.cryptography, read.fragment.bytes)
    const isAgain = brought.some(
      ({ fragment: { member, index } }) => member === fragment?.member && index === fragment.index,
    )
    if (fragment && !isAgain)
      brought.push({ given: place + 1, guardian: from ?? fragment.guardian, fragment })
  }
  return { brought, bad }
}

/** The name on a fragment that was altered says at least whose paper it is. */
function nameOn(cryptography: Cryptography, form: Uint8Array | string): string | undefined {
  return typeof form === 'string' ? undefined : parseFragment(cryptography, form)?.guardian
}

function named(problem: Problem, given: number, guardian: string | undefined): FragmentProblem {
  const whose = guardian === undefined ? `Fragment ${given}` : `The fragment of ${guardian}`
  const message = `${whose}: ${problem.message}`
  return { ...problem, message, given, ...(guardian !== undefined && { guardian }) }
}

/** The sets, the one with the most fragments first. */
function bySet(brought: readonly Brought[]): readonly (readonly Brought[])[] {
  const sets = new Map<DeviceId, Brought[]>()
  for (const one of brought) {
    const set = sets.get(one.fragment.member)
    if (set) set.push(one)
    else sets.set(one.fragment.member, [one])
  }
  return [...sets.values()].sort((a, b) => b.length - a.length)
}

/** Names every fragment outside the largest set; where none is the largest, those of all. */
function otherSets(sets: readonly (readonly Brought[])[]): readonly FragmentProblem[] {
  const [largest = [], second = []] = sets
  const strangers = largest.length > second.length ? sets.slice(1).flat() : sets.flat()
  return strangers.map(({ fragment, guardian, given }) => {
    const made = new Date(fragment.at).toISOString().slice(0, 10)
    const message = `The fragment of ${guardian} is of another set (${fragment.keyId}, made on ${made}).`
    return { code: 'fragments_of_other_sets', message, guardian, given }
  })
}

function tooFew(count: number, needed: number | undefined): FragmentProblem {
  const message =
    needed === undefined
      ? 'There is no good fragment yet.'
      : `${count} of the ${needed} fragments that are needed are here.`
  return { code: 'too_few_fragments', message }
}

const DO_NOT_FIT: FragmentProblem = {
  code: 'fragments_do_not_fit',
  message: 'These fragments are genuine but do not give the secret that they name: the set was made wrong.',
}
