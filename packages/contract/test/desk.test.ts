import { createRelationship, slotKey } from '@muniment/identity'
import type { KeyPair } from '@muniment/interface'
import { expect, it } from 'vitest'
import { ANSWER_PROTOCOL, CLAIM_PROTOCOL, type ContractAnswer, presentationHash } from '../src/index.ts'
import { openExchangeStore } from '../src/exchange-store.ts'
import { encodeMessage, parseReply, type Reply } from '../src/messages.ts'
import { agree } from '../src/agree.ts'
import { answerEvent, claimEvent, idempotencyKey, signEvent } from '../src/slot-events.ts'
import { accept, meeting, type Meeting } from './support/meeting.ts'
import { ana, type Ana, askRaw, cryptography, random } from './support/parties.ts'

/** A person whose device follows no rule but signs what it says. */
function lawless(met: Meeting, who: Ana, answer: ContractAnswer) {
  const agreement = agree(cryptography, met.offer, answer)
  if (!agreement.ok) throw new Error('the answer itself is good')
  const { hash: contract } = agreement
  const key = idempotencyKey(cryptography, who.signer.secret, { contract, n: 1 })
  const name = { contract, n: 1, previous: null, key }
  const tell = async (protocol: string, message: Parameters<typeof encodeMessage>[0]): Promise<Reply> => {
    const reply = await askRaw(met.desk, protocol, encodeMessage(message))
    return parseReply(reply ?? new Uint8Array())
  }
  return {
    claim: async (n = 1): Promise<Reply> =>
      tell(CLAIM_PROTOCOL, {
        id: met.id,
        relationship: who.signer.relationship.did,
        answer,
        n,
        previous: null,
        key,
        slot: await signEvent(cryptography, who.signer, claimEvent({ ...name, n })),
      }),
    deliver: async (claimed: Reply, presentation: Uint8Array): Promise<Reply> => {
      if (!('token' in claimed)) throw new Error(JSON.stringify(claimed))
      const event = answerEvent({ ...name, presentation: presentationHash(cryptography, presentation) })
      const slot = await signEvent(cryptography, who.signer, event)
      return tell(ANSWER_PROTOCOL, {
        id: met.id,
        contract,
        n: 1,
        key,
        token: claimed.token,
        presentation,
        slot,
      })
    },
  }
}

function listen({ desk }: Meeting): string[] {
  const codes: string[] = []
  desk.observe((event) => 'problems' in event && codes.push(...event.problems.map(({ code }) => code)))
  return codes
}

it('Bob cannot deliver a copy of Ana’s presentation under a contract of his own', async () => {
  const met = await meeting()
  const told = listen(met)
  const anas = await met.someone.present(met.offer, accept(met))
  const bob = await ana(met.place)
  const bobs = lawless(met, bob, accept({ ...met, name: bob.signer.relationship.shortDid }))
  expect(await bobs.deliver(await bobs.claim(), anas)).toMatchObject({ refused: 'refused' })
  expect(new Set(told)).toEqual(new Set(['presentation_other_answer']))
})

it('a presentation under a narrower answer is not taken for the wide contract, nor the other way round', async () => {
  const met = await meeting()
  const told = listen(met)
  const narrow = accept(met, { keptDays: 1 })
  const wide = lawless(met, met.someone, accept(met))
  expect(await wide.deliver(await wide.claim(), await met.someone.present(met.offer, narrow))).toMatchObject({
    refused: 'refused',
  })
  const narrowed = lawless(met, met.someone, narrow)
  const bytes = await met.someone.present(met.offer, accept(met))
  expect(await narrowed.deliver(await narrowed.claim(), bytes)).toMatchObject({ refused: 'refused' })
  expect(new Set(told)).toEqual(new Set(['presentation_other_answer']))
})

it('the landlord does not take more than the contract names, nor less', async () => {
  const met = await meeting()
  const told = listen(met)
  const answer = accept(met, { without: [{ credential: 'address', claim: 'birth' }] })
  const mine = lawless(met, met.someone, answer)
  const town = [
    ['address', 'town'],
    ['address', 'postcode'],
  ]
  const wide = { address: [...town, ['birthdate']], income: [['at_least_2000']] }
  const claimed = await mine.claim()
  expect(
    await mine.deliver(claimed, await met.someone.present(met.offer, answer, { reveal: wide })),
  ).toMatchObject({
    refused: 'refused',
  })
  expect(told.splice(0)).toEqual(['presentation_too_wide'])
  const less = { address: town, income: [['at_least_3000']] }
  expect(
    await mine.deliver(claimed, await met.someone.present(met.offer, answer, { reveal: less })),
  ).toMatchObject({
    refused: 'refused',
  })
  expect(told.splice(0)).toContain('presentation_incomplete')
  expect(await mine.deliver(claimed, await met.someone.present(met.offer, answer))).toHaveProperty('receipt')
})

it('a presentation for another request, or of a stranger’s issuer, is refused', async () => {
  const met = await meeting()
  const told = listen(met)
  const mine = lawless(met, met.someone, accept(met))
  const claimed = await mine.claim()
  const elsewhere = await met.someone.present(met.offer, accept(met), { nonce: 'another-nonce-000000000000' })
  expect(await mine.deliver(claimed, elsewhere)).toMatchObject({ refused: 'refused' })
  expect(told.splice(0)).toContain('key_binding_nonce')
  const other = await meeting()
  const strangers = await other.someone.present(met.offer, accept(met))
  expect(await mine.deliver(claimed, strangers)).toMatchObject({ refused: 'refused' })
  expect(told).toContain('issuer_unknown')
})

it('a token is worth nothing once someone else has claimed, and comes back by claiming again', async () => {
  const met = await meeting()
  const bob = await ana(met.place)
  const anas = lawless(met, met.someone, accept(met))
  const bobs = lawless(met, bob, accept({ ...met, name: bob.signer.relationship.shortDid }))
  const bytes = await met.someone.present(met.offer, accept(met))
  const first = await anas.claim()
  expect(await anas.claim()).toEqual(first)
  await bobs.claim()
  expect(await anas.deliver(first, bytes)).toMatchObject({ refused: 'superseded' })
  expect(await anas.deliver(await anas.claim(), bytes)).toHaveProperty('receipt')
  expect(await bobs.claim()).toMatchObject({ refused: 'closed' })
})

it('of Ana’s two devices, the one that claimed last delivers', async () => {
  const met = await meeting()
  const newKey = (): KeyPair => slotKey(cryptography, { secret: random(32), salt: random(32) })
  const phone = newKey()
  const laptop = newKey()
  const devices = [phone.publicKey, laptop.publicKey]
  const relationship = createRelationship({ cryptography, random }, { devices })
  const secret = random(32)
  const on = (key: KeyPair): Ana => ({
    ...met.someone,
    signer: { relationship, signer: cryptography.signer(key), secret },
  })
  const answer = accept({ ...met, name: relationship.shortDid })
  const bytes = await met.someone.present(met.offer, answer)
  const phones = lawless(met, on(phone), answer)
  const laptops = lawless(met, on(laptop), answer)
  const before = await phones.claim()
  const after = await laptops.claim()
  expect(await phones.deliver(before, bytes)).toMatchObject({ refused: 'superseded' })
  const delivered = await laptops.deliver(after, bytes)
  expect(delivered).toHaveProperty('receipt')
  expect(await phones.claim()).toEqual(delivered)
})

it('the nonce of an offer is consumed by its delivery, for its audience only, and stays so after a restart', async () => {
  const met = await meeting()
  const { offer, place } = met
  const unused = {
    verifyPresentations: () => Promise.reject(new Error('not asked')),
    signer: place.landlord.signer,
  }
  const name = { audience: offer.clientId, nonce: offer.nonce }
  const reopened = (): ReturnType<typeof openExchangeStore> =>
    openExchangeStore({ cryptography, random, clock: place.clock, store: place.store, ...unused })
  const mine = lawless(met, met.someone, accept(met))
  const claimed = await mine.claim()
  expect(await (await reopened()).isConsumed(name)).toBe(false)
  await mine.deliver(claimed, await met.someone.present(offer, accept(met)))
  expect(await (await reopened()).isConsumed(name)).toBe(true)
  expect(await (await reopened()).isConsumed({ ...name, audience: 'another' })).toBe(false)
})

it('a second delivery cannot be claimed on a contract for once', async () => {
  const met = await meeting()
  expect(await lawless(met, met.someone, accept(met)).claim(2)).toMatchObject({ refused: 'not_next' })
})
