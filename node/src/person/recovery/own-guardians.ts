import { base64url, fromBase64url } from '@muniment/crypto'
import {
  type Fragment,
  fragmentLink,
  fragmentPageHtml,
  fragmentPageText,
  type GuardianSet,
  makeGuardianSet,
  openSealedFragment,
  readFragment,
  recoveryCard,
  sealFragment,
  type WordLanguage,
} from '@muniment/devices'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { nodeClock, nodeCryptography, nodeRandom } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { enrolMember, needsReplacing } from './enrol-member.ts'
import type { KitDesk } from './own-kit.ts'
import { countedMembers } from './recovery-cards.ts'
import { type Replacing, replacingMember } from './replacing.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }
const SEALED = 'muniment:sealed-fragment?v=1&f='
const KEY = 'muniment:guardian-key?v=1&k='

/** One guardian's fragment, to be given to nobody else. */
export interface GuardianFragment {
  readonly guardian: string
  /** What the QR code holds: `muniment:fragment?…`. */
  readonly link: string
  readonly pageText: string
  readonly pageHtml: string
  /**
   * The fragment sealed to the guardian's own device, whose `guardianKey` they gave: it can travel by any way. Throws
   * `ERR_MALFORMED`.
   */
  sealTo(guardianKey: string): Promise<string>
}

/** Guardians that were just made: give the fragments out, then let them count. */
export interface NewGuardians {
  readonly keyId: string
  /** How many are needed. */
  readonly threshold: number
  readonly fragments: readonly GuardianFragment[]
  /** Whether other guardians have the place, so that `count` needs the kit's words or their fragments. */
  readonly replaces: boolean
  /** From now on they can restore the vault together, and those before them cannot. */
  count(options?: Replacing): Promise<void>
}

/** How guardians are made. */
export interface GuardiansInit {
  /** Names, each another one: from 2 to 16. */
  readonly names: readonly string[]
  /** How many are needed, 2 at the least. */
  readonly threshold: number
  /** Which language the pages begin with. */
  readonly language?: WordLanguage | undefined
}

/** People who can restore the vault together, k of n. */
export interface OwnGuardians {
  /** Makes fragments. Nothing changes until `count`. Throws `ERR_INVALID_ARGUMENT`. */
  makeGuardians(init: GuardiansInit): Promise<NewGuardians>
  /** The guardians, or `undefined` where there are none. */
  guardians(): Promise<GuardianSet | undefined>
  /** What somebody seals a fragment with that this device is to keep for them. It is no secret. */
  guardianKey(): string
  /** Opens a fragment that was sealed to this device. Throws `ERR_SEAL_OPEN` for one that was not. */
  openSealed(sealed: string): Promise<string>
}

/** The guardians of a vault. */
export function ownGuardians(desk: KitDesk): OwnGuardians {
  const { parts } = desk
  return {
    makeGuardians: (init) => makeGuardians(desk, init),
    guardians: () => currentGuardians(parts),
    guardianKey: () => KEY + base64url(parts.keys.agreement.publicKey),
    async openSealed(sealed) {
      const bytes = await openSealedFragment(parts.keys.agreement, bytesAfter(SEALED, sealed))
      const read = bytes && readFragment(COMPONENTS, bytes)
      if (read?.ok) return fragmentLink(read.fragment)
      throw new MunimentError('ERR_SEAL_OPEN', 'this fragment was not sealed to this device')
    },
  }
}

async function currentGuardians({ vault, roster }: PersonParts): Promise<GuardianSet | undefined> {
  const { members } = await countedMembers(vault, roster)
  return members.find(({ card }) => card.kind === 'guardians')?.guardians
}

async function makeGuardians(
  { parts, writable }: KitDesk,
  { names, threshold, language = 'en' }: GuardiansInit,
): Promise<NewGuardians> {
  const at = nodeClock.now()
  const { member, fragments, set } = await makeGuardianSet(COMPONENTS, { threshold, guardians: names, at })
  const kept = { card: recoveryCard(member, at), guardians: set }
  return {
    keyId: member.keyId,
    threshold,
    fragments: fragments.map((fragment) => fragmentOf(fragment, language)),
    replaces: needsReplacing(parts, kept),
    async count(options = {}) {
      const replacing = needsReplacing(parts, kept) ? await replacingMember(options) : undefined
      await writable()
      await enrolMember(parts, { kept, replacing })
    },
  }
}

function fragmentOf(fragment: Fragment, language: WordLanguage): GuardianFragment {
  return {
    guardian: fragment.guardian,
    link: fragmentLink(fragment),
    pageText: fragmentPageText(fragment, { language }),
    pageHtml: fragmentPageHtml(fragment, { language }),
    sealTo: async (key) => SEALED + base64url(await sealFragment(fragment, bytesAfter(KEY, key))),
  }
}

function bytesAfter(scheme: string, text: string): Uint8Array {
  const trimmed = text.trim()
  try {
    if (trimmed.startsWith(scheme)) return fromBase64url(trimmed.slice(scheme.length))
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
  }
  throw new MunimentError('ERR_MALFORMED', `this does not begin with ${scheme}, or is not whole`)
}
