import type { ReceivedOperation } from '../src/placed.ts'

/*
 * The roster by its definition in docs/protocols/roster.md, for devices that add, rename and remove: recursion over whole
 * sets, without the walk's bookkeeping. Slow, and written to be read beside the text.
 */

type One = ReceivedOperation

interface Seen {
  readonly order: readonly One[]
  readonly unsound: ReadonlySet<One>
  /** Devices in order of enrolment. */
  readonly enrolled: ReadonlyMap<string, One>
  knows(one: One): ReadonlySet<One>
}

const targetOf = ({ operation }: One): string | undefined =>
  operation.op === 'remove' ? operation.device : undefined

function rankIn({ enrolled }: Pick<Seen, 'enrolled'>, { author }: One): number {
  const at = [...enrolled.keys()].indexOf(author)
  return at < 0 ? Infinity : at
}

/** Which of these operations stand. */
function standingIn(seen: Seen, those: readonly One[]): readonly One[] {
  const sound = those.filter((one) => !seen.unsound.has(one))
  const rank = (one: One): number => rankIn(seen, one)
  const removals = sound.filter((one) => targetOf(one) !== undefined).sort((a, b) => rank(a) - rank(b))
  const found = new Map<One, Map<One, boolean>>()
  const isStruckBy = (one: One, by: One): boolean => {
    const kept = found.get(by)?.get(one)
    if (kept !== undefined) return kept
    const isIt = decide(one, by)
    found.set(by, (found.get(by) ?? new Map<One, boolean>()).set(one, isIt))
    return isIt
  }
  const decide = (one: One, by: One): boolean => {
    if (one === by) return false
    const areConcurrent = !seen.knows(one).has(by) && !seen.knows(by).has(one)
    const since = seen.enrolled.get(one.author)
    if (since && since !== one && sound.includes(since) && isStruckBy(since, by)) return true
    if (rank(one) < rank(by)) return false
    if (areConcurrent && one.author === targetOf(by)) return true
    return sound.some((each) => one.operation.prev.includes(each.id) && isStruckBy(each, by))
  }
  const inForce: One[] = []
  for (const one of removals) if (!inForce.some((by) => isStruckBy(one, by))) inForce.push(one)
  return sound.filter((one) => !inForce.some((by) => isStruckBy(one, by)))
}

function membersIn(seen: Seen, standing: readonly One[]) {
  const members = new Set([...seen.enrolled].filter(([, by]) => standing.includes(by)).map(([id]) => id))
  const withheld: One[] = []
  for (const one of standing.toSorted((a, b) => rankIn(seen, a) - rankIn(seen, b))) {
    const target = targetOf(one)
    if (target === undefined || !members.has(target)) continue
    if (members.size === 1) withheld.push(one)
    else members.delete(target)
  }
  return { members, withheld }
}

function isSound(seen: Seen, one: One): boolean {
  const { operation, author } = one
  if (seen.order.some((each) => operation.prev.includes(each.id) && seen.unsound.has(each))) return false
  const known = seen.order.filter((each) => seen.knows(one).has(each))
  const { members } = membersIn(seen, standingIn(seen, known))
  if (!members.has(author)) return false
  if (operation.op === 'add') return !seen.enrolled.has(operation.device.id)
  const device = operation.op === 'rename' || operation.op === 'remove' ? operation.device : author
  return members.has(device) && (operation.op !== 'remove' || members.size > 1)
}

export function referenceRoster(genesis: One, all: readonly One[]) {
  const byId = new Map(all.map((one) => [one.id, one]))
  const before = (one: One): readonly One[] => {
    const own = all.filter(({ author, seq }) => author === one.author && seq < one.seq)
    return [...one.operation.prev.flatMap((id) => byId.get(id) ?? []), ...own]
  }
  const known = new Map<One, Set<One>>()
  const knows = (one: One): ReadonlySet<One> => {
    const kept = known.get(one)
    if (kept) return kept
    const set = new Set(before(one))
    for (const each of before(one)) for (const further of knows(each)) set.add(further)
    known.set(one, set)
    return set
  }
  const order: One[] = []
  const unsound = new Set<One>()
  const enrolled = new Map<string, One>()
  const seen: Seen = { order, unsound, enrolled, knows }
  while (order.length < all.length) {
    const ready = all.filter(
      (one) => !order.includes(one) && before(one).every((each) => order.includes(each)),
    )
    const [next] = ready.sort((a, b) => {
      if (a.author === b.author) return a.seq - b.seq
      return rankIn(seen, a) - rankIn(seen, b) || (a.id < b.id ? -1 : 1)
    })
    if (!next) break
    if (next !== genesis && !isSound(seen, next)) unsound.add(next)
    order.push(next)
    const { operation } = next
    const isEnrolling = operation.op === 'add' || operation.op === 'create'
    if (isEnrolling && !unsound.has(next)) enrolled.set(operation.device.id, next)
  }
  const standing = standingIn(seen, order)
  const { members, withheld } = membersIn(seen, standing)
  const followed = new Set(standing.flatMap((one) => [...knows(one)].map(({ id }) => id)))
  const ids = standing.map(({ id }) => id).sort()
  return {
    devices: [...enrolled.keys()].filter((id) => members.has(id)),
    heads: ids.filter((id) => !followed.has(id)),
    standing: ids,
    withheld: withheld.map(({ id }) => id),
  }
}
