import {
  kitCounts,
  kitPageHtml,
  kitPageText,
  type KitState,
  makeRecoveryKit,
  readRecoveryKit,
  recoveryCard,
  type RehearsalKind,
  startRehearsal,
  type WordLanguage,
} from '@muniment/devices'
import { type Milliseconds, MunimentError, type Outcome } from '@muniment/interface'
import { nodeClock, nodeCryptography, nodeRandom } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { enrolMember, needsReplacing } from './enrol-member.ts'
import { type Replacing, replacingMember } from './replacing.ts'
import { keepMember, type KeptMember, readKeptMembers } from './recovery-cards.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }

/** What a person is told of their kit. */
export interface KitStatus extends KitState {
  /** False until it was tried: it opens nothing before. */
  readonly counts: boolean
  /** A newer kit that was made and not tried yet; it changes nothing until then. */
  readonly untried?: { readonly keyId: string; readonly madeAt: Milliseconds } | undefined
}

/** A kit that was just made: to be shown, printed, and tried. It opens nothing before that. */
export interface NewKit {
  readonly keyId: string
  readonly madeAt: Milliseconds
  /** 24 words. */
  readonly words: readonly string[]
  /** What the QR code holds. */
  readonly link: string
  readonly pageText: string
  readonly pageHtml: string
  /** The three words to ask for, from 1. */
  readonly positions: readonly number[]
  /** Whether another kit has its place, so that `answer` needs that one's words. */
  readonly replaces: boolean
  /** Tries the kit with those three words; from then on it counts. Problems: as of a rehearsal. */
  answer(words: readonly string[], options?: Replacing): Promise<Outcome>
}

/** The recovery kit: 24 words that, with any replica, bring the vault back when every device is lost. */
export interface OwnKit {
  /** Makes a kit. Nothing changes until it was tried. */
  makeKit(options?: { readonly language?: WordLanguage | undefined }): Promise<NewKit>
  /** Tries a kit with all its words. A new one counts from then on. Problems: as of `readRecoveryKit`. */
  rehearseKit(text: string, options?: Replacing): Promise<Outcome<{ readonly kit: KitStatus }>>
  /** The kit, or `undefined` when none was made. */
  kitStatus(): Promise<KitStatus | undefined>
}

/** The recovery kit of a vault. */
export function ownKit(parts: PersonParts, writable: () => Promise<void>): OwnKit {
  const desk: KitDesk = { parts, writable }
  return {
    makeKit: ({ language = 'en' } = {}) => makeKit(desk, language),
    rehearseKit: (text, options = {}) => rehearseKit(desk, text, options),
    kitStatus: () => kitStatus(parts),
  }
}

/** What the verbs about the kit share. */
export interface KitDesk {
  readonly parts: PersonParts
  readonly writable: () => Promise<void>
}

async function makeKit(desk: KitDesk, language: WordLanguage): Promise<NewKit> {
  const { parts, writable } = desk
  const kit = await makeRecoveryKit(COMPONENTS, { language })
  const madeAt = nodeClock.now()
  const { keyId } = kit.member
  const kept = { card: recoveryCard(kit.member, madeAt), kit: { keyId, madeAt } }
  const rehearsal = startRehearsal(COMPONENTS, kit)
  await writable()
  await keepMember(parts.vault, kept)
  return {
    keyId,
    madeAt,
    words: kit.words,
    link: kit.link,
    pageText: kitPageText(kit, { madeAt }),
    pageHtml: kitPageHtml(kit, { madeAt }),
    positions: rehearsal.positions,
    replaces: needsReplacing(parts, kept),
    async answer(words, options = {}) {
      const answered = rehearsal.answer(words)
      if (answered.ok) await wasTried(desk, { kept, how: 'three_words' }, options)
      return answered
    },
  }
}

async function rehearseKit(
  desk: KitDesk,
  text: string,
  options: Replacing,
): Promise<Outcome<{ readonly kit: KitStatus }>> {
  const kits = await keptKits(desk.parts)
  const newest = kits.at(-1)
  if (!newest) throw new MunimentError('ERR_NOT_FOUND', 'this vault has no kit: make one first')
  const read = await readRecoveryKit(COMPONENTS, text)
  const kept = read.ok ? kits.find(({ card }) => card.id === read.kit.member.keys.id) : undefined
  if (!kept) {
    // With a key id the one slip in 256 that the check lets pass is found too, and the word that was meant.
    const other = await readRecoveryKit(COMPONENTS, text, { keyId: newest.card.keyId })
    return { ok: false, problems: other.ok ? [] : other.problems }
  }
  await wasTried(desk, { kept, how: 'all_words' }, options)
  const kit = await kitStatus(desk.parts)
  return kit ? { ok: true, kit } : { ok: false, problems: [] }
}

/** From now on the kit counts. */
export async function wasTried(
  { parts, writable }: KitDesk,
  { kept, how }: { readonly kept: KeptMember; readonly how: RehearsalKind },
  options: Replacing,
): Promise<void> {
  const { keyId, madeAt } = kept.card
  const kit = { keyId, madeAt, rehearsed: { at: nodeClock.now(), how } }
  const replacing = needsReplacing(parts, kept) ? await replacingMember(options) : undefined
  await writable()
  await enrolMember(parts, { kept: { ...kept, kit }, replacing })
}

async function keptKits({ vault }: PersonParts): Promise<readonly KeptMember[]> {
  return (await readKeptMembers(vault)).filter(({ card }) => card.kind === 'kit')
}

/** See {@link OwnKit.kitStatus}. */
export async function kitStatus(parts: PersonParts): Promise<KitStatus | undefined> {
  const kits = await keptKits(parts)
  const ids = new Set(parts.roster.recoveryMembers().map(({ id }) => id))
  const counted = kits.find(({ card }) => ids.has(card.id))
  const untried = kits.findLast(({ card }) => !ids.has(card.id))?.card
  const shown = counted?.card ?? untried
  if (!shown) return undefined
  const { keyId, madeAt } = shown
  const state = { keyId, madeAt, rehearsed: counted?.kit?.rehearsed }
  const newer = counted && untried && { keyId: untried.keyId, madeAt: untried.madeAt }
  return { ...state, counts: kitCounts(state), untried: newer }
}
