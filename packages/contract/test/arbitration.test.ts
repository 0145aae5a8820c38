import { type CanonicalValue, fromCanonical, toCanonical } from '@muniment/crypto'
import { expect, it } from 'vitest'
import {
  ANSWER_PROTOCOL,
  CLAIM_PROTOCOL,
  decodePresentation,
  DECLINE_PROTOCOL,
  declineOffer,
  type DialProtocol,
  encodePresentation,
  fetchOffer,
  REQUEST_PROTOCOL,
} from '../src/index.ts'
import { accept, approvedMeeting, kindsOf, meeting } from './support/meeting.ts'
import { ana, approve, askRaw, codesOf, dialTo } from './support/parties.ts'

type Said = Record<string, CanonicalValue>

/** Dials, and keeps every message that is sent. */
function listening(dial: DialProtocol): {
  readonly dial: DialProtocol
  readonly sent: Map<string, Uint8Array[]>
} {
  const sent = new Map<string, Uint8Array[]>()
  return {
    sent,
    async dial(protocol) {
      const channel = await dial(protocol)
      const send = channel.send.bind(channel)
      return {
        ...channel,
        async send(message) {
          sent.set(protocol, [...(sent.get(protocol) ?? []), message])
          await send(message)
        },
      }
    },
  }
}

const said = (bytes: Uint8Array | undefined): Said => fromCanonical(bytes ?? new Uint8Array()) as Said

/** The same ES256 signature with s replaced by n − s: it verifies as well. */
function twin(token: string): string {
  const at = token.lastIndexOf('.') + 1
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const signature = Buffer.from(token.slice(at), 'base64url')
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  signature.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), 32)
  return token.slice(0, at) + signature.toString('base64url')
}

it('a replay gets the stored receipt, also after a restart, and nothing is filed twice', async () => {
  const met = await approvedMeeting()
  const wire = listening(dialTo(met.desk))
  const first = await met.someone.holder.deliver(met.hash, wire.dial)
  if (!first.ok) throw new Error(codesOf(first).join())
  const [answer = new Uint8Array()] = wire.sent.get(ANSWER_PROTOCOL) ?? []
  const again = await met.place.openDesk()
  for (const desk of [met.desk, again]) {
    const replies = await Promise.all(Array.from({ length: 50 }, () => askRaw(desk, ANSWER_PROTOCOL, answer)))
    for (const reply of replies) expect(said(reply)).toEqual({ v: 1, receipt: first.receipt })
    const [claim = new Uint8Array()] = wire.sent.get(CLAIM_PROTOCOL) ?? []
    expect(said(await askRaw(desk, CLAIM_PROTOCOL, claim))).toEqual({ v: 1, receipt: first.receipt })
  }
  expect(await kindsOf(again.ledger, met.name)).toEqual(['offer', 'answer', 'presentation', 'receipt'])
})

it('of many copies and their signature twins at once, exactly one is taken', async () => {
  const met = await approvedMeeting()
  const wire = listening(dialTo(met.desk))
  const cut: DialProtocol = async (protocol) => {
    if (protocol === ANSWER_PROTOCOL) throw new Error('cut')
    return wire.dial(protocol)
  }
  await expect(met.someone.holder.deliver(met.hash, cut)).rejects.toThrow('cut')
  const [claim = new Uint8Array()] = wire.sent.get(CLAIM_PROTOCOL) ?? []
  const { token } = said(await askRaw(met.desk, CLAIM_PROTOCOL, claim))
  const exchange = (await met.someone.holder.exchanges()).at(0)
  if (!exchange) throw new Error('it was approved')
  const vpToken = decodePresentation(met.bytes)
  const twins = encodePresentation(
    Object.fromEntries(Object.entries(vpToken).map(([id, tokens]) => [id, tokens.map(twin)])),
  )
  const message = (presentation: Uint8Array): Uint8Array =>
    toCanonical({
      v: 1,
      id: met.id,
      contract: met.hash,
      n: 1,
      key: exchange.body.key,
      token: token ?? null,
      presentation,
      slot: { ...exchange.body.slot },
    })
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      askRaw(met.desk, ANSWER_PROTOCOL, message(index % 2 === 0 ? twins : met.bytes)),
    ),
  )
  const receipts = new Set(replies.map((reply) => said(reply)['receipt']).filter(Boolean))
  expect(receipts.size).toBe(1)
  expect(replies.filter((reply) => 'receipt' in said(reply))).toHaveLength(50)
  expect(replies.filter((reply) => 'refused' in said(reply))).toHaveLength(50)
  expect(await kindsOf(met.desk.ledger, met.name)).toEqual(['offer', 'answer', 'presentation', 'receipt'])
})

it('Bob cannot deliver Ana’s presentation as his own', async () => {
  const met = await approvedMeeting()
  const bob = await ana(met.place)
  const told: string[] = []
  met.desk.observe((event) => 'problems' in event && told.push(...event.problems.map(({ code }) => code)))
  const bobs = { ...met, someone: bob, name: bob.signer.relationship.shortDid }
  const own = accept(bobs)
  const { hash } = await approve(bob, met.offer, { answer: own })
  const thief: DialProtocol = async (protocol) => {
    const channel = await dialTo(met.desk)(protocol)
    const send = channel.send.bind(channel)
    return {
      ...channel,
      send: (bytes) =>
        send(protocol === ANSWER_PROTOCOL ? toCanonical({ ...said(bytes), presentation: met.bytes }) : bytes),
    }
  }
  expect(codesOf(await bob.holder.deliver(hash, thief))).toEqual(['refused'])
  expect(told).toContain('slot_signature')
  expect((await bob.holder.exchanges())[0]?.state).toBe('refused')
})

it('the device that claimed last delivers, and the one before is told that it was superseded', async () => {
  const met = await approvedMeeting()
  const bob = await ana(met.place)
  const bobs = { ...met, someone: bob, name: bob.signer.relationship.shortDid }
  const { hash } = await approve(bob, met.offer, { answer: accept(bobs) })
  const overtaken: DialProtocol = async (protocol) => {
    if (protocol === ANSWER_PROTOCOL)
      expect(await bob.holder.deliver(hash, dialTo(met.desk))).toMatchObject({ ok: true })
    return dialTo(met.desk)(protocol)
  }
  const late = await met.someone.holder.deliver(met.hash, overtaken)
  expect(codesOf(late)).toEqual(['closed'])
  expect((await met.desk.exchange(met.id))?.contract?.contract.relationship).toBe(bobs.name)
})

it('a claim carries no value, and a claim for a wider contract gets no token', async () => {
  const met = await approvedMeeting()
  const wire = listening(dialTo(met.desk))
  await met.someone.holder.deliver(met.hash, wire.dial)
  const [claim = new Uint8Array()] = wire.sent.get(CLAIM_PROTOCOL) ?? []
  expect(Buffer.from(claim).toString('latin1')).not.toMatch(/Namur|eyJ|WyJ/)
  const fresh = await meeting()
  const message = said(claim)
  const { answer } = message as { answer: Said }
  const wide = {
    ...message,
    id: fresh.id,
    answer: { ...answer, offer: fresh.offer.hash, narrowing: { keptDays: 900 } },
  }
  expect(said(await askRaw(fresh.desk, CLAIM_PROTOCOL, toCanonical(wide)))).toEqual({
    v: 1,
    refused: 'refused',
  })
})

it('an answer after the offer has expired is refused, and what was delivered before stays receipted', async () => {
  const met = await approvedMeeting()
  met.place.clock.time += 2 * 86_400_000
  expect(codesOf(await met.someone.holder.deliver(met.hash, dialTo(met.desk)))).toEqual(['expired'])
  expect((await met.desk.exchange(met.id))?.state).toBe('lapsed')
  const other = await approvedMeeting()
  const wire = listening(dialTo(other.desk))
  await other.someone.holder.deliver(other.hash, wire.dial)
  other.place.clock.time += 2 * 86_400_000
  const [answer = new Uint8Array()] = wire.sent.get(ANSWER_PROTOCOL) ?? []
  expect(said(await askRaw(other.desk, ANSWER_PROTOCOL, answer))).toHaveProperty('receipt')
})

it('a presentation that grew stale is asked for afresh, under the same contract', async () => {
  const met = await approvedMeeting()
  met.place.clock.time += 3_600_000
  expect(codesOf(await met.someone.holder.deliver(met.hash, dialTo(met.desk)))).toEqual(['stale'])
  const again = await approve(met.someone, met.offer, { answer: accept(met) })
  expect(again.hash).toBe(met.hash)
  expect(await met.someone.holder.deliver(met.hash, dialTo(met.desk))).toMatchObject({ ok: true })
  expect(await kindsOf(met.desk.ledger, met.name)).toEqual(['offer', 'answer', 'presentation', 'receipt'])
})

it('an offer is answered once: a second answer of Ana’s is refused on her own device', async () => {
  const met = await approvedMeeting()
  await met.someone.holder.deliver(met.hash, dialTo(met.desk))
  const second = approve(met.someone, met.offer, { answer: accept(met, { keptDays: 1 }) })
  await expect(second).rejects.toThrow(expect.objectContaining({ code: 'ERR_ALREADY_EXISTS' }))
})

it('a decline is the same bytes in every case, creates no relationship, and closes the request', async () => {
  const bytes: string[] = []
  for (const wait of [0, 2 * 86_400_000]) {
    const met = await meeting()
    met.place.clock.time += wait
    const wire = listening(dialTo(met.desk))
    expect(await declineOffer(await wire.dial(DECLINE_PROTOCOL), met.id)).toEqual({ ok: true })
    expect(await declineOffer(await wire.dial(DECLINE_PROTOCOL), met.id)).toEqual({ ok: true })
    for (const message of wire.sent.get(DECLINE_PROTOCOL) ?? []) {
      expect(said(message)).toEqual({ v: 1, decline: met.id })
      bytes.push(Buffer.from(message).toString('latin1').replace(met.id, 'ID'))
    }
    expect((await met.desk.exchange(met.id))?.state).toBe('declined')
    const relationships: string[] = []
    for await (const name of met.desk.ledger.relationships()) relationships.push(name)
    expect(relationships).toEqual([])
    expect(codesOf(await fetchOffer(await dialTo(met.desk)(REQUEST_PROTOCOL), met.id))).toEqual(['closed'])
  }
  expect(new Set(bytes).size).toBe(1)
  const met = await approvedMeeting()
  await met.someone.holder.deliver(met.hash, dialTo(met.desk))
  expect(codesOf(await declineOffer(await dialTo(met.desk)(DECLINE_PROTOCOL), met.id))).toEqual(['closed'])
})

it('a receipt for something else is not filed, and the delivery stays unacknowledged', async () => {
  const met = await approvedMeeting()
  const other = await approvedMeeting()
  const foreign = await other.someone.holder.deliver(other.hash, dialTo(other.desk))
  if (!foreign.ok) throw new Error(codesOf(foreign).join())
  const liar: DialProtocol = async (protocol) => {
    const channel = await dialTo(met.desk)(protocol)
    if (protocol !== ANSWER_PROTOCOL) return channel
    return { ...channel, receive: async () => toCanonical({ v: 1, receipt: foreign.receipt }) }
  }
  expect(codesOf(await met.someone.holder.deliver(met.hash, liar))).toContain('receipt_of_another')
  expect((await met.someone.holder.exchanges())[0]?.state).toBe('delivered, unacknowledged')
  expect(await met.someone.holder.deliver(met.hash, dialTo(met.desk))).toMatchObject({ ok: true })
})
