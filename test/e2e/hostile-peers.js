import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { CLAIM_PROTOCOL, ANSWER_PROTOCOL, DECLINE_PROTOCOL, REQUEST_PROTOCOL } from '@muniment/contract'
import { PAIRING_PROTOCOL } from '@muniment/devices'
import { SYNC_PROTOCOL } from '@muniment/sync'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rawPeer } from '../../node/test/support/raw-peer.ts'
import { invites, joins } from './support/devices.js'
import { asks, certifies, holds, saysYes, startsAs, townRequest } from './support/organisations.js'
import { inPlace, within } from './support/people.js'

const DESK = [REQUEST_PROTOCOL, CLAIM_PROTOCOL, ANSWER_PROTOCOL, DECLINE_PROTOCOL]
const ISSUING = ['credential-token', 'credential-nonce', 'credential'].map((verb) => `/muniment/${verb}/1`)
/** MiB that a process may need at its peak: a quiet one needs about 150. */
const MEMORY = 256
const SILENT_SOCKETS = 100
const MIB = 1 << 20

const noise = (length) => Uint8Array.from({ length }, (_, n) => (n * 197 + 131) % 256)

/** Bytes as a whole message: their length in four bytes, and they. */
function message(bytes) {
  const framed = Buffer.alloc(4 + bytes.length)
  framed.writeUInt32BE(bytes.length)
  framed.set(bytes, 4)
  return framed
}

/** What is answered by hanging up. */
const ATTACKS = {
  'a length of 4 GB': Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  'random bytes': Uint8Array.of(0xff, ...noise(4096)),
  'a random message': message(noise(4096)),
  'lists in lists in lists, in CBOR': message(new Uint8Array(30_000).fill(0x81)),
  'lists in lists in lists, in JSON': message(new Uint8Array(30_000).fill(0x5b)),
  'the longest message there is, of nothing': message(new Uint8Array(MIB)),
}

/** A stream on which these bytes were sent; it is not closed from this end. */
async function sends(mallory, { address, protocol, bytes }) {
  const stream = await mallory.open(address, protocol)
  stream.send(bytes)
  return stream
}

/** Every attack on every protocol at an address, from one peer each. Resolves when all were hung up on. */
async function attacks({ address }, protocols) {
  for (const [what, bytes] of Object.entries(ATTACKS)) {
    const mallory = await rawPeer()
    try {
      for (const protocol of protocols) {
        const stream = await sends(mallory, { address, protocol, bytes })
        await within(mallory.dropped(stream), `${what} on ${protocol}`)
      }
    } finally {
      await mallory.stop()
    }
  }
}

/** Peers that stay until they are stopped: silent sockets, rubbish for a handshake, and on each protocol one that says nothing and
 * one that sends a message byte by byte. */
async function besieges({ address }, protocols) {
  const port = Number(/tcp\/(\d+)/u.exec(address)[1])
  const sockets = Array.from({ length: SILENT_SOCKETS }, (_, index) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    if (index % 10 === 0) socket.write(noise(1 << 16))
    return socket
  })
  const mallory = await rawPeer()
  const slow = []
  for (const protocol of protocols) {
    await mallory.open(address, protocol)
    slow.push(await sends(mallory, { address, protocol, bytes: Uint8Array.of(0, 0, 1, 0, 7) }))
  }
  return {
    drip: () => slow.forEach((stream) => stream.send(Uint8Array.of(7))),
    end: async () => {
      for (const socket of sockets) socket.destroy()
      await mallory.stop()
    },
  }
}

/** The most memory that a process ever had, in MiB. */
async function peakOf({ pid }) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024
}

suite(
  'peers that are silent, slow or send rubbish cost nobody anything: Ana is certified, asked and joined meanwhile and after',
  inPlace(async (place) => {
    const [council, landlord, ana, phone] = ['council', 'landlord', 'ana', 'phone'].map((name) =>
      place.person(name),
    )
    await ana.does('create', '--key-file')
    const [issuer, verifier, owner] = await Promise.all([
      startsAs('issuer', council),
      startsAs('verifier', landlord),
      ana.opens(),
    ])
    const invitation = await invites(ana)
    const home = { address: invitation.at, command: owner }
    const besieged = [
      [issuer, ISSUING],
      [verifier, DESK],
      [home, [PAIRING_PROTOCOL]],
    ]
    const sieges = await Promise.all(besieged.map(([target, protocols]) => besieges(target, protocols)))
    try {
      const attacking = Promise.all(besieged.map(([target, protocols]) => attacks(target, protocols)))
      // Whatever fails first is told: a process that died also ends the attacks on it.
      attacking.catch(() => undefined)
      await certifies(place, council, ana)
      for (const { drip } of sieges) drip()
      const { link, id } = await asks(place, landlord, townRequest([issuer.did]))
      assert.is((await saysYes(ana, link)).code, 0)
      assert.is((await holds(landlord, id)).state, 'in force')
      for (const { drip } of sieges) drip()
      await attacking
      const stranger = await rawPeer()
      for (const [{ address }] of besieged)
        await assertRejects(stranger.open(address, '/muniment/of-another-world/1'))
      const uninvited = await stranger.open(home.address, SYNC_PROTOCOL).catch(() => undefined)
      if (uninvited) await within(stranger.dropped(uninvited), 'the sync of a stranger')
      await stranger.stop()
      await joins(phone, invitation)
    } finally {
      await Promise.all(sieges.map(({ end }) => end()))
    }
    const { link } = await asks(place, landlord, townRequest([issuer.did]))
    assert.is((await saysYes(ana, link)).code, 0)
    for (const [{ command }] of besieged) {
      assert.ok(command.isAlive())
      const peak = await peakOf(command)
      assert.ok(peak < MEMORY, `${peak} MiB`)
    }
  }),
)

async function assertRejects(promise) {
  const outcome = await promise.then(
    () => 'served',
    () => 'refused',
  )
  assert.is(outcome, 'refused')
}

suite.run()
