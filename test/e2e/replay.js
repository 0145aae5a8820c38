import { ANSWER_PROTOCOL } from '@muniment/contract'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  agreesTo,
  claimsTurn,
  delivery,
  dialler,
  issuerInTest,
  presents,
  readsOffer,
} from './support/answers-by-hand.js'
import { asks, holds, startsAs, townRequest } from './support/organisations.js'
import { inPlace } from './support/people.js'

const COPIES = 100
/** A peer may have four channels of a kind open at once. */
const AT_ONCE = 4

/** The other ES256 signature that verifies for the same message: (r, n − s). */
function twin(token) {
  const at = token.lastIndexOf('.') + 1
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const signature = Buffer.from(token.slice(at), 'base64url')
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  signature.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), 32)
  return token.slice(0, at) + signature.toString('base64url')
}

/** All messages at once, each on a channel of its own; gives the replies. */
async function floods(address, messages) {
  const peers = await Promise.all(
    Array.from({ length: Math.ceil(messages.length / AT_ONCE) }, () => dialler(address)),
  )
  try {
    return await Promise.all(
      messages.map((message, index) => peers[index % peers.length].say(ANSWER_PROTOCOL, message)),
    )
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()))
  }
}

/** The entries that a landlord's ledger has. */
async function entriesOf(landlord) {
  const { entries, verified } = await landlord.does('ledger')
  assert.is(verified.ok, true)
  return entries.map(({ kind }) => kind)
}

suite(
  'of a hundred copies and twins of a presentation at once a landlord takes one, and after a power cut no other',
  inPlace(async (place) => {
    const landlord = place.person('landlord')
    const { command, address } = await startsAs('verifier', landlord)
    const issuer = issuerInTest()
    const { link, id } = await asks(place, landlord, townRequest([issuer.did]))
    const ana = await dialler(address)
    const agreed = agreesTo(await readsOffer(link, ana))
    const { token } = await claimsTurn(agreed, ana)
    await ana.stop()
    const presentations = await presents(agreed, issuer)
    const twins = { address: presentations.address.map(twin) }
    const both = await Promise.all(
      [presentations, twins].map((each) => delivery(agreed, { token, presentations: each })),
    )
    const copies = Array.from({ length: COPIES }, (_, index) => both[index % 2])
    const replies = await floods(address, copies)
    const receipts = new Set(replies.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt])))
    assert.is(receipts.size, 1)
    assert.is(replies.filter(({ refused }) => refused === 'closed').length, COPIES / 2)
    const once = ['offer', 'answer', 'presentation', 'receipt']
    assert.equal(await entriesOf(landlord), once)
    assert.is(command.lines.filter(({ id: of, state }) => of === id && state === 'in force').length, 1)
    await command.kill('SIGKILL')

    const again = await startsAs('verifier', landlord)
    const late = await floods(again.address, both)
    assert.is(late.filter(({ receipt }) => receipts.has(receipt)).length, 1)
    assert.is(late.filter(({ refused }) => refused === 'closed').length, 1)
    const mallory = await dialler(again.address)
    const thief = { ...agreesTo(agreed.offer), key: agreed.key }
    assert.is((await claimsTurn(thief, mallory)).refused, 'closed')
    const stolen = await delivery(thief, { token, presentations })
    assert.is((await mallory.say(ANSWER_PROTOCOL, stolen)).refused, 'closed')
    await mallory.stop()
    assert.equal(await entriesOf(landlord), once)
    assert.is((await holds(landlord, id)).receipt, [...receipts][0])
  }),
)

suite.run()
