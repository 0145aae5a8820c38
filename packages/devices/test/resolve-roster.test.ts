import { toCanonical } from '@muniment/crypto'
import fc from 'fast-check'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { beforeAll, describe, expect, test } from 'vitest'
import { createVault } from '../src/index.ts'
import { clientIdOfAdded } from '../src/client-id.ts'
import type { ReceivedOperation } from '../src/placed.ts'
import { type ResolvedRoster, resolveRoster } from '../src/resolve-roster.ts'
import { encodeOperation, operationId, parseOperation } from '../src/roster-operation.ts'
import { receivedOperation } from '../src/roster-view.ts'
import { components } from './person.ts'

/** Devices that write roster operations, each knowing what it has heard of. */
interface Writer {
  readonly id: string
  readonly heard: ReceivedOperation[]
  seq: number
}

let vault = ''
let genesis: ReceivedOperation
let founder = ''

beforeAll(async () => {
  const made = await createVault(components, { name: 'laptop', transport: 'peer-laptop' })
  founder = made.keys.id
  vault = made.vaultId
  genesis = receive(founder, 1, made.genesis)
})

function receive(author: string, seq: number, bytes: Uint8Array): ReceivedOperation {
  const id = operationId(nodeCryptography, author, bytes)
  return receivedOperation(nodeCryptography, vault, { id, author, seq, bytes })
}

const founderWriter = (): Writer => ({ id: founder, heard: [genesis], seq: 1 })

function newDevice(name: string) {
  const { publicKey } = nodeCryptography.generateKeyPair('Ed25519')
  const id = Buffer.from(publicKey.bytes).toString('base64url')
  return { id, name, transport: `peer-${id}`, agreementKey: new Uint8Array(1216) }
}

function write(writer: Writer, bytes: Uint8Array): ReceivedOperation {
  writer.seq += 1
  const one = receive(writer.id, writer.seq, bytes)
  writer.heard.push(one)
  return one
}

const headsOf = ({ heard }: Writer) => resolveRoster(vault, heard).heads

function add(writer: Writer, name: string): Writer {
  const device = newDevice(name)
  write(writer, encodeOperation({ op: 'add', prev: headsOf(writer), device }))
  return { id: device.id, heard: [...writer.heard], seq: 0 }
}

function rename(writer: Writer, device: string, name: string): void {
  write(writer, encodeOperation({ op: 'rename', prev: headsOf(writer), device, name }))
}

function hear(listener: Writer, speaker: Writer): void {
  for (const one of speaker.heard) if (!listener.heard.includes(one)) listener.heard.push(one)
}

const names = ({ devices }: ResolvedRoster) => devices.map(({ name }) => name)
const nameOf = ({ devices }: ResolvedRoster, device: string) => devices.find(({ id }) => id === device)?.name

/** A history: who adds, renames or hears of whom. */
const history = fc.array(
  fc.record({ what: fc.constantFrom('add', 'rename', 'hear'), who: fc.nat(20), whom: fc.nat(20) }),
  { maxLength: 25 },
)

function play(steps: readonly { what: string; who: number; whom: number }[]): ReceivedOperation[] {
  const writers = [founderWriter()]
  for (const [index, { what, who, whom }] of steps.entries()) {
    const writer = writers.at(who % writers.length)
    const other = writers.at(whom % writers.length)
    if (!writer || !other) continue
    if (what === 'add' && writers.length < 8) writers.push(add(writer, `device ${index}`))
    else if (what === 'hear') hear(writer, other)
    else {
      const known = resolveRoster(vault, writer.heard).devices
      rename(writer, known[whom % known.length]?.id ?? '', `name ${index}`)
    }
  }
  const all: ReceivedOperation[] = []
  for (const { heard } of writers) for (const one of heard) if (!all.includes(one)) all.push(one)
  return all
}

describe('the roster', () => {
  test('is the same for everybody, in whatever order its operations arrive', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (steps, order) => {
        const all = play(steps)
        const shuffled = all
          .map((one) => [order.next().value as number, one] as const)
          .toSorted(([left], [right]) => left - right)
          .map(([, one]) => one)
        expect(resolveRoster(vault, shuffled)).toEqual(resolveRoster(vault, all))
        expect(resolveRoster(vault, all).operations.every(({ standing }) => standing === 'applied')).toBe(
          true,
        )
      }),
      { numRuns: 60 },
    )
  })

  test('gives each device a Yjs client id of its own, which nothing that arrives later changes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const all = play(steps)
        const whole = resolveRoster(vault, all)
        expect(new Set(whole.devices.map(({ clientId }) => clientId)).size).toBe(whole.devices.length)
        const final = new Map(whole.devices.map((device) => [device.id, device.clientId]))
        const rank = new Map(whole.devices.map((device, index) => [device.id, index]))
        for (const writerOf of whole.devices) {
          const known = all.filter(
            ({ author, seq }) => author === founder || (author === writerOf.id && seq > 0),
          )
          const part = resolveRoster(vault, known).devices
          for (const { id, clientId } of part) expect(clientId).toBe(final.get(id))
          const ranks = part.map(({ id }) => rank.get(id) ?? -1)
          expect(ranks).toEqual(ranks.toSorted((left, right) => left - right))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('ranks two devices added at the same time by who added them', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    const watch = add(phone, 'watch')
    const tablet = add(laptop, 'tablet')
    hear(tablet, watch)
    hear(tablet, phone)
    expect(names(resolveRoster(vault, tablet.heard))).toEqual(['laptop', 'phone', 'tablet', 'watch'])
    expect(resolveRoster(vault, tablet.heard).heads).toHaveLength(2)
  })

  test('of two names given at the same time keeps that of the higher device; a later name replaces both', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    rename(laptop, phone.id, 'her phone')
    rename(phone, phone.id, 'my phone')
    hear(laptop, phone)
    expect(nameOf(resolveRoster(vault, laptop.heard), phone.id)).toBe('her phone')
    hear(phone, laptop)
    rename(phone, phone.id, 'the phone')
    expect(nameOf(resolveRoster(vault, phone.heard), phone.id)).toBe('the phone')
  })
})

describe('what has no effect is shown with its reason', () => {
  const last = (writer: Writer) => resolveRoster(vault, writer.heard).operations.at(-1)

  test('an operation by a stranger, and all that builds on it', () => {
    const laptop = founderWriter()
    const stranger: Writer = { id: newDevice('x').id, heard: [...laptop.heard], seq: 0 }
    const device = newDevice('accomplice')
    const theirs = write(stranger, encodeOperation({ op: 'add', prev: [genesis.id], device }))
    hear(laptop, stranger)
    expect(last(laptop)).toMatchObject({ standing: 'void', reason: 'not_a_member' })
    write(laptop, encodeOperation({ op: 'rename', prev: [theirs.id], device: founder, name: 'mine' }))
    expect(last(laptop)).toMatchObject({ standing: 'void', reason: 'after_a_void_one' })
    expect(names(resolveRoster(vault, laptop.heard))).toEqual(['laptop'])
  })

  test('a device that enrols another one before it was enrolled itself', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    write(phone, encodeOperation({ op: 'add', prev: [genesis.id], device: newDevice('early') }))
    expect(last(phone)).toMatchObject({ standing: 'void', reason: 'not_a_member' })
  })

  test('a second beginning', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    const bytes = encodeOperation({
      op: 'create',
      prev: [],
      device: newDevice('other'),
      salt: nodeRandom(16),
    })
    write(phone, bytes)
    expect(resolveRoster(vault, phone.heard).heads).toHaveLength(1)
    expect(resolveRoster(vault, phone.heard).operations).toContainEqual(
      expect.objectContaining({ standing: 'void', reason: 'second_beginning' }),
    )
    expect(names(resolveRoster(vault, phone.heard))).toEqual(['laptop', 'phone'])
  })

  test('nothing of a device that names less than it knew: it is taken to know what it wrote itself', () => {
    const laptop = founderWriter()
    add(laptop, 'phone')
    write(laptop, encodeOperation({ op: 'add', prev: [genesis.id], device: newDevice('tablet') }))
    const { devices, heads } = resolveRoster(vault, laptop.heard)
    expect(devices.map(({ clientId }) => clientId)).toEqual([1, 3, 10])
    expect(heads).toHaveLength(1)
  })

  test('a device that names only the beginning a hundred times does not flood the heads', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    const prev = headsOf(laptop)
    for (let index = 0; index < 100; index++)
      write(phone, encodeOperation({ op: 'rename', prev, device: founder, name: `name ${index}` }))
    expect(headsOf(phone)).toHaveLength(1)
  })

  test('a device enrolled twice, and a name for one that does not exist', () => {
    const laptop = founderWriter()
    const device = newDevice('phone')
    write(laptop, encodeOperation({ op: 'add', prev: headsOf(laptop), device }))
    write(laptop, encodeOperation({ op: 'add', prev: headsOf(laptop), device }))
    expect(last(laptop)).toMatchObject({ standing: 'void', reason: 'already_enrolled' })
    rename(laptop, newDevice('nobody').id, 'nobody')
    expect(last(laptop)).toMatchObject({ standing: 'void', reason: 'no_such_device' })
  })

  test('what builds on something that has not arrived waits, and counts when it has', () => {
    const laptop = founderWriter()
    const phone = add(laptop, 'phone')
    const tablet = add(phone, 'tablet')
    const missing = tablet.heard.filter(({ author, seq }) => author !== founder || seq !== 2)
    expect(resolveRoster(vault, missing).operations.map(({ standing }) => standing)).toEqual([
      'applied',
      'waiting',
    ])
    expect(names(resolveRoster(vault, tablet.heard))).toEqual(['laptop', 'phone', 'tablet'])
  })

  test("a later version's operation keeps its place in the graph and changes the epoch, and is not dropped", () => {
    const laptop = founderWriter()
    write(laptop, toCanonical({ v: 2, op: 'remove', prev: headsOf(laptop), device: founder, why: 'lost' }))
    expect(last(laptop)).toMatchObject({ op: 'remove', standing: 'not_understood' })
    const phone = add(laptop, 'phone')
    expect(names(resolveRoster(vault, phone.heard))).toEqual(['laptop', 'phone'])
  })

  test('without the first operation of this vault nothing counts', () => {
    const laptop = founderWriter()
    add(laptop, 'phone')
    const { devices, heads } = resolveRoster('another vault', laptop.heard)
    expect([devices, heads]).toEqual([[], []])
  })
})

describe('client ids', () => {
  test('stay within 32 bits, or there is none', () => {
    let id = 1
    let depth = 0
    for (let next: number | undefined = id; next !== undefined; next = clientIdOfAdded(id, 1)) {
      id = next
      depth += 1
    }
    expect(depth).toBe(32)
    expect(id).toBeLessThan(2 ** 32)
    expect(clientIdOfAdded(1, 1000)).toBeLessThan(2 ** 32)
  })
})

describe("an operation's bytes", () => {
  test('are refused when they are not exactly what the protocol says', () => {
    const device = newDevice('phone')
    const good = { v: 1, op: 'add', prev: [genesis.id], device: { ...device } }
    expect(parseOperation(toCanonical(good))).toMatchObject({ op: 'add' })
    const bad = [
      { ...good, extra: 1 },
      { ...good, prev: 'x' },
      { ...good, device: { ...device, name: '' } },
      { ...good, device: { ...device, name: 'evil\u202Ename' } },
      { ...good, device: { ...device, agreementKey: new Uint8Array(3) } },
      { ...good, v: 0 },
      { op: 'add' },
    ]
    for (const one of bad) {
      expect(() => parseOperation(toCanonical(one))).toThrow(
        expect.objectContaining({ code: 'ERR_MALFORMED' }),
      )
    }
  })

  test('of any kind never do more than be refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const one = receive(founder, 2, bytes)
        expect(resolveRoster(vault, [genesis, one]).devices).toHaveLength(1)
      }),
    )
  })
})
