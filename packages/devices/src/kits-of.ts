import type { RecoveryPublicKeys } from './kit-acts.ts'
import { knew, type Placed } from './placed.ts'
import { namedIn } from './placement.ts'
import type { RecoveryKind } from './recovery/recovery-member.ts'

/** The kits and the guardians there were, in order: the last one counts. */
export type Kits = Readonly<Record<RecoveryKind, readonly RecoveryPublicKeys[]>>

interface NamedKits {
  readonly kits: Kits
  /** The operations by which a recovery member lost its place to the next, and which did. */
  readonly replacing: ReadonlyMap<Placed, string>
}

/**
 * Who the recovery members were. The first of each kind is named by the device of the highest authority, each next one by
 * the kit or the one before.
 *
 * @param counted - the operations that stand, in order of authority
 */
export function kitsOf(counted: readonly Placed[]): NamedKits {
  const replacing = new Map<Placed, string>()
  const naming = counted.filter((each) => namedIn(each) !== undefined)
  const kit = chainOf(naming, replacing, { kind: 'kit', kits: [] })
  const guardians = chainOf(naming, replacing, { kind: 'guardians', kits: kit.map(({ id }) => id) })
  return { kits: { kit, guardians }, replacing }
}

function chainOf(
  naming: readonly Placed[],
  replacing: Map<Placed, string>,
  { kind, kits }: { readonly kind: RecoveryKind; readonly kits: readonly string[] },
): readonly RecoveryPublicKeys[] {
  const chain: RecoveryPublicKeys[] = []
  const taken = new Set<string>()
  let last: Placed | undefined
  for (;;) {
    const current = chain.at(-1)?.id
    const isNext = (each: Placed): boolean => {
      const { operation } = each.one
      const named = namedIn(each)
      if (named?.kind !== kind || taken.has(named.id)) return false
      if (last && !knew(each.past, last)) return false
      if (operation.op !== 'signed') return current === undefined
      return operation.by === current || kits.includes(operation.by)
    }
    const next = naming.find(isNext)
    const named = next && namedIn(next)
    if (!next || !named) return chain
    chain.push(named)
    taken.add(named.id)
    if (current !== undefined) replacing.set(next, current)
    last = next
  }
}
