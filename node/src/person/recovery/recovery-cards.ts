import { base64url, fromBase64url } from '@muniment/crypto'
import {
  decodeGuardianSet,
  decodeKitState,
  decodeRecoveryCard,
  encodeGuardianSet,
  encodeKitState,
  encodeRecoveryCard,
  type GuardianSet,
  type KitState,
  type RecoveryCard,
  type Roster,
} from '@muniment/devices'
import type { Vault } from '@muniment/vault'
import * as v from 'valibot'

const CARD = 'recovery/'
const encoded = v.pipe(v.string(), v.regex(/^[\w-]+$/u))
const schema = v.strictObject({
  v: v.literal(1),
  card: encoded,
  kit: v.exactOptional(encoded),
  guardians: v.exactOptional(encoded),
})
const json = v.pipe(v.string(), v.parseJson(), schema)

/** A recovery member as the vault's devices know it: what they seal to it, and what the person is told of it. */
export interface KeptMember {
  readonly card: RecoveryCard
  /** Of a kit. */
  readonly kit?: KitState
  /** Of guardians. */
  readonly guardians?: GuardianSet
}

/** All that is kept of recovery members, also of those that are not the vault's yet, the oldest first. */
export async function readKeptMembers(vault: Vault): Promise<readonly KeptMember[]> {
  const settings = await vault.settings(CARD)
  const kept = [...settings.values()].flatMap((value): KeptMember[] => {
    const parsed = v.safeParse(json, value)
    if (!parsed.success) return []
    const { card, kit, guardians } = parsed.output
    return [
      {
        card: decodeRecoveryCard(fromBase64url(card)),
        ...(kit !== undefined && { kit: decodeKitState(fromBase64url(kit)) }),
        ...(guardians !== undefined && { guardians: decodeGuardianSet(fromBase64url(guardians)) }),
      },
    ]
  })
  return kept.sort((a, b) => a.card.madeAt - b.card.madeAt)
}

/** Keeps it in a sealed setting of the vault. */
export async function keepMember(vault: Vault, { card, kit, guardians }: KeptMember): Promise<void> {
  const said = {
    v: 1,
    card: base64url(encodeRecoveryCard(card)),
    ...(kit && { kit: base64url(encodeKitState(kit)) }),
    ...(guardians && { guardians: base64url(encodeGuardianSet(guardians)) }),
  }
  await vault.putSetting(CARD + card.id, JSON.stringify(said))
}

/** Takes out those of a kind that are neither the vault's nor the one to keep. */
export async function forgetOthers(vault: Vault, { card }: KeptMember): Promise<void> {
  for (const { card: other } of await readKeptMembers(vault)) {
    if (other.kind === card.kind && other.id !== card.id) await vault.putSetting(CARD + other.id, undefined)
  }
}

/** Those that are the vault's, by its roster; `isWhole` is false while a card has not arrived here yet. */
export async function countedMembers(
  vault: Vault,
  roster: Roster,
): Promise<{ readonly members: readonly KeptMember[]; readonly isWhole: boolean }> {
  const ids = new Set(roster.recoveryMembers().map(({ id }) => id))
  const members = (await readKeptMembers(vault)).filter(({ card }) => ids.has(card.id))
  return { members, isWhole: members.length === ids.size }
}
