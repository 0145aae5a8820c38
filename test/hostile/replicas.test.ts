import { eachSeed, patience } from '@muniment/compliance'
import { type DeviceId, isMunimentError, type ReplicaStorage } from '@muniment/interface'
import {
  type Anchor,
  makeReplicaSecret,
  readAnchor,
  type Replica,
  unconfirmedSince,
} from '@muniment/replicas'
import { expect, test } from 'vitest'
import { type Adversary, adversary } from '../../packages/replicas/test/support/adversary.ts'
import { type Draw, drawFrom } from '../../packages/replicas/test/support/draw.ts'
import {
  cryptography,
  type Device,
  type Person,
  person,
} from '../../packages/replicas/test/support/people.ts'
import { unsafeTestingStorage } from '../../packages/replicas/test/support/storages.ts'

/** Rounds of each scenario, and scenarios of each seed. */
const STEPS = 16
const SCENARIOS = 12

interface Scenario {
  readonly draw: Draw
  readonly ana: Person
  readonly keeper: Adversary
  readonly secret: Uint8Array
  readonly laptop: Device
  readonly phone: Device
  readonly replicas: ReadonlyMap<Device, Replica>
  /** What pushes that ended well said was there. */
  readonly promises: { readonly heads: Heads; readonly anchor: Anchor }[]
}

type Heads = Readonly<Record<DeviceId, { readonly seq: number; readonly hash: string }>>

async function scenario(seed: number): Promise<Scenario> {
  const draw = drawFrom(seed)
  const { random } = draw
  const [ana, bob] = [person({ random }), person({ random })]
  const [laptop, phone, his] = [await ana.device(), await ana.device(), await bob.device()]
  const [secret, otherSecret] = [makeReplicaSecret(random), makeReplicaSecret(random)]
  const [otherReplica, otherVault] = [unsafeTestingStorage(), unsafeTestingStorage()]
  await laptop.write(100)
  await his.write(100)
  await laptop.replica(otherReplica, otherSecret).push()
  await his.replica(otherVault, makeReplicaSecret(random)).push()
  const keeper = adversary(draw, () => new Map([...otherReplica.objects, ...otherVault.objects]))
  const opened = (device: Device, name: string): Replica => device.replica(keeper.seenBy(name), secret)
  const replicas = new Map([
    [laptop, opened(laptop, 'laptop')],
    [phone, opened(phone, 'phone')],
  ])
  laptop.keyring.held = random(64)
  return { draw, ana, keeper, secret, laptop, phone, replicas, promises: [] }
}

/** Whatever a keeper does, an operation ends, well or with a code of replicas, and no other way. */
async function mayFail<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isMunimentError(error) && error.code.startsWith('ERR_REPLICA_')) return undefined
    throw error
  }
}

async function step({ draw, keeper, laptop, phone, replicas, promises, ana }: Scenario): Promise<void> {
  const device = draw.once(2) ? laptop : phone
  const replica = replicas.get(device)
  if (!replica) return
  const kind = draw.below(10)
  keeper.deeds.push(`${device === laptop ? 'laptop' : 'phone'} ${kind}`)
  if (kind < 3) await device.write(...Array.from({ length: 1 + draw.below(4) }, () => 1 + draw.below(30_000)))
  else if (kind < 6) {
    const heads = device.log.heads()
    const pushed = await mayFail(replica.push())
    if (pushed?.anchor) promises.push({ heads, anchor: readAnchor(cryptography, ana.vault, pushed.anchor) })
  } else if (kind === 6) await mayFail(replica.pull())
  else if (kind === 7) await mayFail(replica.check())
  else if (kind === 8) await mayFail(replica.repair())
  else keeper.strike()
}

/** What a device holds of others' logs is what they wrote: nothing else, nothing twice, nothing less than it held. */
async function expectTrue({ laptop, phone }: Scenario, device: Device, before: Heads): Promise<void> {
  const heads = device.log.heads()
  for (const [id, { seq }] of Object.entries(before)) expect(heads[id]?.seq).toBeGreaterThanOrEqual(seq)
  for (const [id, { seq, hash }] of Object.entries(heads)) {
    const writer = [laptop, phone].find((each) => each.id === id)
    expect(await writer?.log.hasFrame(id, seq, hash)).toBe(true)
  }
}

function isThere(held: Heads, promised: Heads): boolean {
  return Object.entries(promised).every(([id, { seq }]) => (held[id]?.seq ?? 0) >= seq)
}

async function bodies(device: Device, of: DeviceId): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { body } of device.log.entries(of))
    found.push(body ? Buffer.from(body).toString('base64') : '')
  return found
}

test(
  'whatever the keeper of a replica does, it is found out or does no harm, and can be mended',
  { timeout: patience(60_000) },
  () =>
    eachSeed(async (seed) => {
      for (let index = 0; index < SCENARIOS; index++) {
        const played = await scenario(seed + index)
        await play(played).catch((error: unknown) => {
          throw new Error(`MUNIMENT_SEED=${seed + index}: ${played.keeper.deeds.join(', ')}`, {
            cause: error,
          })
        })
      }
    }),
)

async function play(played: Scenario): Promise<void> {
  const { draw, keeper, laptop, phone } = played
  await played.replicas.get(laptop)?.push()
  for (let at = 0; at < STEPS; at++) {
    keeper.isHostile = draw.once(2)
    const before = new Map([laptop, phone].map((device) => [device, device.log.heads()]))
    await step(played)
    for (const [device, heads] of before) await expectTrue(played, device, heads)
  }
  keeper.isHostile = false
  keeper.join(draw.one(['laptop', 'phone']) ?? '')
  await expectFoundOut(played, keeper.seenBy('fresh'))
  await expectMended(played, keeper.seenBy('fresh'))
}

/** A fresh device restores all that was ever pushed, or is told that it does not. */
async function expectFoundOut(played: Scenario, storage: ReplicaStorage): Promise<void> {
  const fresh = await played.ana.device()
  const pulled = await mayFail(fresh.replica(storage, played.secret).pull())
  await expectTrue(played, fresh, {})
  const isWhole = played.promises.every(({ heads }) => isThere(fresh.log.heads(), heads))
  const isTold =
    !pulled ||
    pulled.problems.length > 0 ||
    Object.keys(pulled.behind).length > 0 ||
    unconfirmedSince(
      pulled.anchors,
      played.promises.map(({ anchor }) => anchor),
    ) !== undefined
  expect(isWhole || isTold).toBe(true)
}

/** Once the keeper is honest, the devices mend what it did: all that they hold is there, and a check finds nothing. */
async function expectMended(
  { ana, laptop, phone, replicas, secret }: Scenario,
  storage: ReplicaStorage,
): Promise<void> {
  for (const device of [laptop, phone, laptop]) await replicas.get(device)?.repair()
  expect((await replicas.get(laptop)?.check())?.problems).toEqual([])
  const fresh = await ana.device()
  const { problems, behind } = await fresh.replica(storage, secret).pull()
  expect({ problems, behind }).toEqual({ problems: [], behind: {} })
  expect(fresh.keyring.held).toEqual(laptop.keyring.held)
  for (const { id, log } of [laptop, phone]) {
    expect(fresh.log.heads()[id]?.hash).toBe(log.heads()[id]?.hash)
  }
  for (const writer of [laptop, phone])
    expect(await bodies(fresh, writer.id)).toEqual(await bodies(writer, writer.id))
}
