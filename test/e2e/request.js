import { encodeMessage, formatRequestLink, parseRequestLink, REQUEST_PROTOCOL } from '@muniment/contract'
import { createNetwork } from 'muniment/network'
import { nodeClock as clock, nodeRandom as random } from 'muniment/platform'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { asks, certifies, holds, saysYes, startsAs, townRequest } from './support/organisations.js'
import { inPlace, otherClock } from './support/people.js'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE
const NOBODY = 'did:key:zDnaeWNkjkq5BjJ2yrsgsLcd3yyEcqKpEJkKSvkoUiGfPmVVr'

/** Somebody who answers at an address of their own with whatever they like. */
async function imposter() {
  const network = await createNetwork({ transportKey: random(32), listen: ['/ip4/127.0.0.1/tcp/0'], clock })
  let reply
  await network.serve(REQUEST_PROTOCOL, async (channel) => {
    await channel.receive()
    await channel.send(reply)
  })
  return {
    address: network.addresses()[0],
    answers: (bytes) => (reply = bytes),
    stop: () => network.stop(),
  }
}

const json = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

suite(
  'a request that nobody signed, or that was changed on its way, is shown to nobody; the true one is',
  inPlace(async (place) => {
    const [landlord, ana] = [place.person('landlord'), place.person('ana')]
    const [{ did }] = await Promise.all([startsAs('verifier', landlord), ana.does('create', '--key-file')])
    const { link, id } = await asks(place, landlord, townRequest([NOBODY]))
    const mallory = await imposter()
    try {
      const jws = await offerOf(link)
      const [header, payload, signature] = jws.split('.')
      const said = JSON.parse(Buffer.from(payload, 'base64url'))
      const changed = json({ ...said, iat: said.iat - 1 })
      const none = json({ ...JSON.parse(Buffer.from(header, 'base64url')), alg: 'none' })
      const offers = [`${none}.${payload}.`, `${header}.${payload}.`, `${header}.${changed}.${signature}`]
      const replies = [...offers.map((offer) => encodeMessage({ offer })), random(500)]
      const fake = formatRequestLink({ kind: 'muniment', did, id, addresses: [mallory.address] })
      for (const [index, reply] of replies.entries()) {
        mallory.answers(reply)
        const { code, answer } = await ana.run('request', fake)
        assert.is(code, index < offers.length ? 1 : 3, JSON.stringify(answer))
        assert.is(answer.error.code, index < offers.length ? 'ERR_OFFER_INVALID' : 'ERR_PROTOCOL')
      }
    } finally {
      await mallory.stop()
    }
    assert.equal((await ana.does('inbox')).requests, [])
    assert.is((await ana.does('request', link)).state, 'open')
  }),
)

/** The signed offer as the landlord gives it to whoever asks. */
async function offerOf(link) {
  const { addresses, id } = parseRequestLink(link)
  const network = await createNetwork({ transportKey: random(32), clock })
  try {
    const channel = await network.dial(addresses[0], REQUEST_PROTOCOL)
    await channel.send(encodeMessage({ id }))
    const reply = Buffer.from(await channel.receive()).toString('latin1')
    return /eyJ[\w-]+\.[\w-]+\.[\w-]+/u.exec(reply)[0]
  } finally {
    await network.stop()
  }
}

suite(
  'a request for what no credential has can be declined and nothing else, and the landlord learns no more',
  inPlace(async (place) => {
    const [landlord, ana] = [place.person('landlord'), place.person('ana')]
    await Promise.all([startsAs('verifier', landlord), ana.does('create', '--key-file')])
    const { link, id } = await asks(place, landlord, townRequest([NOBODY], { vct: 'urn:example:unicorn' }))
    const { problems } = await ana.does('request', link)
    assert.equal(
      problems.map(({ code }) => code),
      ['no_matching_credential'],
    )
    const preview = await ana.run('preview', id)
    assert.is(preview.code, 1)
    assert.is(preview.answer.error.code, 'ERR_NO_MATCHING_CREDENTIAL')
    const blind = await ana.run('answer', id, '--accept', '--preview', 'x'.repeat(43))
    assert.is(blind.code, 1)
    assert.is(blind.answer.error.code, 'ERR_REFUSED')
    assert.is((await holds(landlord, id)).state, 'offered')
    assert.equal(await ana.does('answer', id, '--decline'), { ok: true })
    assert.equal(await holds(landlord, id), { id, state: 'declined', claims: {} })
  }),
)

suite(
  'whose clock is ten minutes or two years off is told so or refused; with the right time the same request is answered',
  inPlace(async (place) => {
    const [council, landlord, ana] = ['council', 'landlord', 'ana'].map((name) => place.person(name))
    const [{ did }] = await Promise.all([
      startsAs('issuer', council),
      startsAs('verifier', landlord),
      ana.does('create', '--key-file'),
    ])
    await certifies(place, council, ana)
    const { link, id } = await asks(place, landlord, townRequest([did]))
    const wrong = [
      [-10 * MINUTE, 'ERR_OFFER_INVALID', /clocks/u],
      [-2 * YEAR, 'ERR_OFFER_INVALID', /clocks/u],
      [2 * YEAR, 'ERR_OFFER_EXPIRED', /expired/u],
    ]
    for (const [off, error, message] of wrong) {
      const { code, answer } = await place.person('ana', otherClock({ off })).run('request', link)
      assert.is(code, 1, String(off))
      assert.is(answer.error.code, error, String(off))
      assert.match(answer.error.message, message)
    }
    const early = await saysYes(place.person('ana', otherClock({ off: 10 * MINUTE })), link)
    assert.is(early.code, 1)
    assert.is(early.answer.error.code, 'ERR_REFUSED')
    assert.match(early.answer.error.message, 'clock')
    assert.not.ok('receipt' in (await holds(landlord, id)))
    const { code, answer } = await saysYes(ana, link)
    assert.is(code, 0, JSON.stringify(answer))
    assert.is((await holds(landlord, id)).state, 'in force')
  }),
)

suite(
  'a request whose time is over cannot be opened, and one that expires while Ana thinks cannot be answered',
  inPlace(async (place) => {
    const [council, ana] = [place.person('council'), place.person('ana')]
    const landlord = place.person('landlord', otherClock({ off: -10 * MINUTE, jump: 20 * MINUTE }))
    const [{ did }, { command }] = await Promise.all([
      startsAs('issuer', council),
      startsAs('verifier', landlord),
      ana.does('create', '--key-file'),
    ])
    await certifies(place, council, ana)
    const over = await asks(place, landlord, townRequest([did], { lifetime: 1 }))
    const told = await ana.run('request', over.link)
    assert.is(told.code, 1)
    assert.is(told.answer.error.code, 'ERR_OFFER_EXPIRED')
    const { link, id } = await asks(place, landlord, townRequest([did], { lifetime: 1000 }))
    const { hash } = await ana.does('preview', (await ana.does('request', link)).id)
    process.kill(command.pid, 'SIGUSR2')
    const late = await ana.run('answer', id, '--accept', '--preview', hash)
    assert.is(late.code, 1, JSON.stringify(late.answer))
    assert.match(late.answer.error.message, 'expired')
    assert.not.ok('contract' in (await holds(landlord, id)))
  }),
)

suite.run()
