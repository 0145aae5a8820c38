import {
  MAX_REPLICA_OBJECT,
  MunimentError,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import type { Draw } from './draw.ts'

type Objects = Map<string, Uint8Array>

/** A place whose keeper does to the objects whatever the seed says, and shows each device what it likes. */
export interface Adversary {
  /** What is done to calls; without it the place is an honest one again, with what was left there. */
  isHostile: boolean
  /** What was done, for who looks into a failure. */
  readonly deeds: string[]
  /** The place as one device sees it. */
  seenBy(device: string): ReplicaStorage
  /** Does something to the place as a whole: rolls it back, forks it, loses or swaps objects, mixes in those of others. */
  strike(): void
  /** Joins the branches: all see the one that this device saw. */
  join(device: string): void
  readonly objects: Objects
}

/** How many states of the place are kept to roll back to. */
const HISTORY = 24

export function adversary(draw: Draw, others: () => Objects): Adversary {
  let main: Objects = new Map()
  const branches = new Map<string, Objects>()
  const history: Objects[] = []
  const deeds: string[] = []
  let isHostile = false
  const done = (deed: string): void => void deeds.push(deed)
  const remember = (objects: Objects): void => {
    history.push(new Map(objects))
    if (history.length > HISTORY) history.splice(draw.below(HISTORY), 1)
  }
  const objectsOf = (device: string): Objects => branches.get(device) ?? main
  const strikes: readonly ((objects: Objects) => void)[] = [
    (objects) => replaceAll(objects, draw.one(history) ?? new Map()),
    (objects) => void objects.delete(draw.one([...objects.keys()]) ?? ''),
    (objects) =>
      objects.set(draw.one([...objects.keys()]) ?? '', draw.one([...objects.values()]) ?? new Uint8Array(0)),
    (objects) => {
      for (const [name, bytes] of others()) objects.set(name, bytes)
    },
    (objects) => {
      for (const past of history) for (const [name, bytes] of past) objects.set(name, bytes)
    },
    (objects) => {
      const name = draw.one([...objects.keys()]) ?? ''
      objects.set(name, spoilt(draw, objects.get(name) ?? new Uint8Array(1)))
    },
    (objects) => {
      const [one, other] = [draw.one([...objects]), draw.one([...objects])]
      if (one && other) objects.set(one[0], other[1]).set(other[0], one[1])
    },
    (objects) =>
      objects.set(draw.one([...others().keys()]) ?? '', draw.one([...objects.values()]) ?? new Uint8Array(0)),
  ]
  return {
    deeds,
    get isHostile() {
      return isHostile
    },
    set isHostile(value) {
      isHostile = value
    },
    get objects() {
      return main
    },
    seenBy: (device) =>
      hostileView({
        draw,
        others,
        history,
        done,
        remember,
        isOn: () => isHostile,
        objects: () => objectsOf(device),
      }),
    strike() {
      const device = draw.one(['laptop', 'phone', '']) ?? ''
      if (draw.once(4) && device !== '' && !branches.has(device)) {
        branches.set(device, new Map(main))
        done(`a branch for ${device}`)
        return
      }
      const kind = draw.below(strikes.length)
      strikes[kind]?.(objectsOf(device))
      main.delete('')
      done(`strike ${kind}`)
    },
    join(device) {
      main = objectsOf(device)
      branches.clear()
    },
  }
}

function replaceAll(objects: Objects, past: Objects): void {
  const kept = new Map(past)
  objects.clear()
  for (const [name, bytes] of kept) objects.set(name, bytes)
}

function spoilt(draw: Draw, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  const at = draw.below(Math.max(1, copy.length))
  if (draw.once(4)) return copy.subarray(0, at)
  if (draw.once(6)) return Uint8Array.from([...copy.subarray(0, 100), ...copy])
  copy[at] = (copy[at] ?? 0) ^ (1 << draw.below(8))
  return copy
}

interface View {
  readonly draw: Draw
  readonly others: () => Objects
  readonly history: readonly Objects[]
  readonly done: (deed: string) => void
  readonly remember: (objects: Objects) => void
  readonly isOn: () => boolean
  readonly objects: () => Objects
}

function hostileView(view: View): ReplicaStorage {
  const { draw, done, isOn, objects, remember } = view
  const isHostile = (): boolean => isOn() && draw.once(6)
  return {
    async *list(prefix) {
      const listed = [...objects()].map(([name, { length }]) => ({ name, size: length }))
      const lies = isHostile() ? lyingList(view, listed) : listed
      for (const object of lies) if (object.name.startsWith(prefix)) yield object
    },
    async get(name) {
      const bytes = objects().get(name)
      return isHostile() ? lyingGet(view, name, bytes) : bytes?.slice()
    },
    async put(name, bytes) {
      remember(objects())
      if (!isHostile()) {
        objects().set(name, bytes.slice())
        return
      }
      const kind = draw.below(5)
      done(`put ${kind}`)
      if (kind === 0) return
      if (kind === 1) throw new MunimentError('ERR_REPLICA_FULL', 'no room')
      if (kind === 2) throw new MunimentError('ERR_REPLICA_UNREACHABLE', 'away')
      if (kind === 3) objects().set(name, spoilt(draw, bytes))
      else objects().set(draw.one([...objects().keys()]) ?? name, bytes.slice())
    },
    async delete(name) {
      remember(objects())
      if (!isHostile()) {
        objects().delete(name)
        return
      }
      const kind = draw.below(3)
      done(`delete ${kind}`)
      if (kind === 0) throw new MunimentError('ERR_REPLICA_REFUSED', 'no')
      if (kind === 1) objects().delete(draw.one([...objects().keys()]) ?? '')
    },
    close: async () => undefined,
  }
}

function lyingGet(
  { draw, objects, others, history, done }: View,
  name: string,
  bytes: Uint8Array | undefined,
): Uint8Array | undefined {
  const kind = draw.below(8)
  done(`get ${kind}`)
  if (kind === 0) return undefined
  if (kind === 1) throw new MunimentError('ERR_REPLICA_UNREACHABLE', 'away')
  if (kind === 2) throw new MunimentError('ERR_REPLICA_DAMAGED', 'too long')
  if (kind === 3) return draw.one([...objects().values()])
  if (kind === 4) return draw.one([...others().values()])
  if (kind === 5) return draw.one(history)?.get(name)
  if (kind === 6) return draw.random(draw.below(100))
  return bytes && spoilt(draw, bytes)
}

const MALFORMED = ['', 'ab', '00', 'A'.repeat(64), '../'.repeat(22), '00'.repeat(33), `00${' '.repeat(62)}`]

function lyingList(
  { draw, others, history, done }: View,
  listed: readonly ReplicaObject[],
): readonly ReplicaObject[] {
  const kind = draw.below(8)
  done(`list ${kind}`)
  const past = (): ReplicaObject[] =>
    [...(draw.one(history) ?? [])].map(([name, { length }]) => ({ name, size: length }))
  const invented = (): ReplicaObject => ({
    name:
      (draw.once(2) ? '00' : '') + Buffer.from(draw.random(32)).toString('hex').slice(0, 62).padEnd(62, '0'),
    size: draw.one([0, -1, 0.5, Number.NaN, MAX_REPLICA_OBJECT, 2 ** 60]) ?? 0,
  })
  const size = (): number => draw.one([0, 1, MAX_REPLICA_OBJECT, -1]) ?? 0
  const foreign = [...others()].map(([name, { length }]) => ({ name, size: length }))
  if (kind === 0) return []
  if (kind === 1) return listed.filter(() => !draw.once(3))
  if (kind === 2) return [...listed, ...listed].toReversed()
  if (kind === 3) return past()
  if (kind === 4) return [...listed, ...foreign]
  if (kind === 5) return [...Array.from({ length: 30 }, invented), ...listed]
  if (kind === 6) return listed.map(({ name }) => ({ name, size: size() }))
  return [...MALFORMED.map((name) => ({ name, size: 1 })), ...listed]
}
