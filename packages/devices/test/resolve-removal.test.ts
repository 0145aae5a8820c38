import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { beforeAll, describe, expect, test } from 'vitest'
import { createVault } from '../src/index.ts'
import { signAsKit } from '../src/kit-acts.ts'
import type { ReceivedOperation } from '../src/placed.ts'
import { recoveryCard, recoveryMember } from '../src/recovery/recovery-member.ts'
import { resolveRoster } from '../src/resolve-roster.ts'
import { encodeOperation, operationId, type WritableOperation } from '../src/roster-operation.ts'
import { receivedOperation } from '../src/roster-view.ts'
import { components } from './person.ts'
import { referenceRoster } from './reference-roster.ts'

interface Writer {
  readonly id: string
  heard: ReceivedOperation[]
  seq: number
}

let vault = ''
let genesis: ReceivedOperation
let founder = ''

beforeAll(async () => {
  const made = await createVault(components, { name: 'laptop', transport: 'peer-laptop' })
  founder = made.keys.id
  vault = made.vaultId
  genesis = received(founder, 1, made.genesis)
})

function received(author: string, seq: number, bytes: Uint8Array): ReceivedOperation {
  const id = operationId(nodeCryptography, author, bytes)
  return receivedOperation(nodeCryptography, vault, { id, author, seq, bytes })
}

const begin = (): Writer => ({ id: founder, heard: [genesis], seq: 1 })
const roster = ({ heard }: Writer) => resolveRoster(vault, heard)
const headsOf = ({ heard }: Writer, known = heard.length) => resolveRoster(vault, heard.slice(0, known)).heads
const idsOf = (writer: Writer) => roster(writer).devices.map(({ id }) => id)
const noCut = { seq: 0, hash: new Uint8Array(0) }

function write(writer: Writer, operation: WritableOperation): ReceivedOperation {
  writer.seq += 1
  const one = received(writer.id, writer.seq, encodeOperation(operation))
  writer.heard.push(one)
  return one
}

function newDevice(name: string) {
  const { publicKey } = nodeCryptography.generateKeyPair('Ed25519')
  const id = Buffer.from(publicKey.bytes).toString('base64url')
  return { id, name, transport: `peer-${id}`, agreementKey: new Uint8Array(1216) }
}

function add(writer: Writer, name: string, prev = headsOf(writer)): Writer {
  const device = newDevice(name)
  write(writer, { op: 'add', prev, device })
  return { id: device.id, heard: [...writer.heard], seq: 0 }
}

function remove(writer: Writer, device: string, prev = headsOf(writer)): ReceivedOperation {
  return write(writer, { op: 'remove', prev, device, cut: noCut, retire: [], salt: nodeRandom(16) })
}

function hear(listener: Writer, ...speakers: Writer[]): void {
  for (const { heard } of speakers)
    for (const one of heard) if (!listener.heard.includes(one)) listener.heard.push(one)
}

/** A laptop that added a phone and a tablet, all of which know each other. */
function three(): [Writer, Writer, Writer] {
  const laptop = begin()
  const phone = add(laptop, 'phone')
  const tablet = add(laptop, 'tablet')
  hear(phone, laptop)
  return [laptop, phone, tablet]
}

const reasonOf = (writer: Writer, { id }: ReceivedOperation) =>
  roster(writer).operations.find((one) => one.id === id)?.reason

describe('a removal', () => {
  test('takes a device out, says where its log ends, and is not undone by enrolling the same device', () => {
    const [laptop, phone, tablet] = three()
    remove(phone, tablet.id)
    expect(idsOf(phone)).toEqual([laptop.id, phone.id])
    expect(roster(phone).removed).toMatchObject([{ id: tablet.id, removedBy: phone.id, cut: noCut }])
    const device = { ...newDevice('tablet'), id: tablet.id }
    const again = write(laptop, { op: 'add', prev: headsOf(phone), device })
    hear(phone, laptop)
    expect(reasonOf(phone, again)).toBe('already_enrolled')
    expect(idsOf(phone)).toEqual([laptop.id, phone.id])
  })

  test('of two devices that remove each other keeps the higher one', () => {
    const [laptop, phone, tablet] = three()
    const theirs = remove(tablet, phone.id)
    remove(phone, tablet.id)
    hear(laptop, phone, tablet)
    expect(idsOf(laptop)).toEqual([laptop.id, phone.id])
    expect(reasonOf(laptop, theirs)).toBe('concurrent_with_removal')
  })

  test('leaves a back-dated removal of everyone without effect, and the device that it enrolled outside', () => {
    const [laptop, phone, tablet] = three()
    const before = headsOf(tablet)
    remove(phone, tablet.id)
    const accomplice = add(tablet, 'accomplice', before)
    remove(tablet, laptop.id)
    remove(tablet, phone.id)
    remove(accomplice, laptop.id)
    hear(laptop, phone, tablet, accomplice)
    expect(idsOf(laptop)).toEqual([laptop.id, phone.id])
    expect(roster(laptop).neverEnrolled.map(({ id }) => id)).toEqual([accomplice.id])
  })

  test('does not undo what a higher device built on the removed one without knowing', () => {
    const [laptop, phone, tablet] = three()
    const accomplice = add(tablet, 'accomplice')
    hear(laptop, tablet)
    const watch = add(laptop, 'watch')
    remove(phone, tablet.id)
    hear(laptop, phone)
    expect(idsOf(laptop)).toEqual([laptop.id, phone.id, watch.id])
    expect(idsOf(laptop)).not.toContain(accomplice.id)
  })

  test('never takes the last device, whoever removes whom at the same time', () => {
    const [laptop, phone, tablet] = three()
    remove(tablet, phone.id)
    const known = [...tablet.heard]
    remove(phone, laptop.id)
    laptop.heard = known
    remove(laptop, tablet.id)
    hear(laptop, phone, tablet)
    expect(idsOf(laptop)).toHaveLength(1)
  })
})

describe('the recovery kit', () => {
  test('stands above the oldest device: a stolen laptop cannot answer its removal', async () => {
    const member = await recoveryMember(components, { kind: 'kit', secret: new Uint8Array(32).fill(7) })
    const { kind, id, agreementKey } = recoveryCard(member, 0)
    const [laptop, phone] = three()
    write(laptop, { op: 'kit', prev: headsOf(laptop), kit: { kind, id, agreementKey } })
    hear(phone, laptop)
    const theirs = remove(laptop, phone.id)
    const device = newDevice('new laptop')
    const fresh: Writer = { id: device.id, heard: [...phone.heard], seq: 0 }
    const acts = {
      add: [{ device, slot: 5 }],
      remove: [{ device: laptop.id, cut: noCut, retire: [] }],
      rotate: false,
    }
    const said = { prev: headsOf(fresh), kind, by: id, acts }
    const signer = nodeCryptography.signer(member.keys.signing)
    const signature = await signAsKit(signer, { vault, ...said })
    write(fresh, { op: 'signed', ...said, signature })
    hear(phone, laptop, fresh)
    expect(idsOf(phone)).toContain(device.id)
    expect(idsOf(phone)).toContain(phone.id)
    expect(idsOf(phone)).not.toContain(laptop.id)
    expect(reasonOf(phone, theirs)).toBe('concurrent_with_removal')
    const forged = write(fresh, { op: 'signed', ...said, signature: new Uint8Array(64) })
    expect(reasonOf(fresh, forged)).toBe('bad_signature')
    const second = write(phone, {
      op: 'kit',
      prev: headsOf(phone),
      kit: { kind, id: phone.id, agreementKey },
    })
    expect(reasonOf(phone, second)).toBe('only_the_kit_changes_the_kit')
  })
})

/** A history in which everybody may lie about what they knew, and removed devices go on writing. */
const history = fc.array(
  fc.record({
    what: fc.constantFrom('add', 'rename', 'remove', 'remove', 'hear', 'hear'),
    who: fc.nat(20),
    whom: fc.nat(20),
    known: fc.option(fc.nat(20), { freq: 3 }),
  }),
  { maxLength: 24 },
)

type Steps = typeof history extends fc.Arbitrary<infer T> ? T : never

function play(steps: Steps): ReceivedOperation[] {
  const writers = [begin()]
  for (const [index, { what, who, whom, known }] of steps.entries()) {
    const writer = writers[who % writers.length]
    const other = writers[whom % writers.length]
    if (!writer || !other) continue
    const prev = headsOf(writer, known === null ? undefined : 1 + (known % writer.heard.length))
    if (what === 'add' && writers.length < 6) writers.push(add(writer, `device ${index}`, prev))
    else if (what === 'remove') remove(writer, other.id, prev)
    else if (what === 'hear') hear(writer, other)
    else write(writer, { op: 'rename', prev, device: other.id, name: `name ${index}` })
  }
  return firstOfEach(writers.flatMap(({ heard }) => heard))
}

/** Bytes that a log has twice are one operation. */
function firstOfEach(heard: readonly ReceivedOperation[]): ReceivedOperation[] {
  const first = new Map<string, ReceivedOperation>()
  for (const one of heard) {
    if (one.seq < (first.get(one.id)?.seq ?? Infinity)) first.set(one.id, one)
  }
  return [...first.values()]
}

const told = (operations: readonly ReceivedOperation[]) => {
  const { devices, heads, operations: shown } = resolveRoster(vault, operations)
  return {
    devices: devices.map(({ id }) => id),
    heads,
    standing: shown
      .filter(({ standing }) => standing === 'applied')
      .map(({ id }) => id)
      .sort(),
  }
}

test(
  'whatever devices claim and in whatever order it arrives, the roster is what the definition says',
  async () => {
    await eachSeed((seed) => {
      fc.assert(
        fc.property(history, fc.nat(), (steps, order) => {
          const all = play(steps)
          const shuffled = all.toSorted((left, right) => mixed(left, order) - mixed(right, order))
          const { devices, heads, standing, withheld } = referenceRoster(genesis, shuffled)
          const found = told(shuffled)
          expect(found).toEqual(told(all))
          expect([found.devices, found.heads]).toEqual([devices, heads])
          expect(found.standing).toEqual(standing.filter((id) => !withheld.includes(id)))
        }),
        { numRuns: 100, seed },
      )
    })
  },
  patience(30_000),
)

/** A number for an operation's place in an order of arrival. */
function mixed({ id }: ReceivedOperation, order: number): number {
  return Buffer.from(id, 'base64url').readUInt32BE((order % 28) | 0) ^ order
}
