import { expect, it } from 'vitest'
import {
  acceptOffer,
  type ContractDesk,
  evidenceOf,
  fetchOffer,
  type HolderExchange,
  type Offer,
  parseRequestLink,
  REQUEST_PROTOCOL,
  verifyEvidence,
  verifyLedger,
  verifyOffer,
} from '../src/index.ts'
import { ADDRESSES, kindsOf } from './support/meeting.ts'
import {
  ana,
  type Ana,
  approve,
  codesOf,
  cryptography,
  dialTo,
  landlordsTerms,
  type World,
  world,
} from './support/parties.ts'

async function followLink(place: World, desk: ContractDesk, link: string): Promise<Offer> {
  const contact = parseRequestLink(link)
  if (contact.kind !== 'muniment') throw new Error('the link is ours')
  const fetched = await fetchOffer(await dialTo(desk)(REQUEST_PROTOCOL), contact.id)
  if (!fetched.ok) throw new Error('there is an offer')
  const checked = await verifyOffer({ ...place, cryptography }, fetched.jws, {
    did: contact.did,
    id: contact.id,
  })
  if (!checked.ok) throw new Error(codesOf(checked).join())
  return checked.offer
}

async function onlyExchange({ holder }: Ana): Promise<HolderExchange> {
  const exchange = (await holder.exchanges()).at(0)
  if (!exchange) throw new Error('Ana has approved something')
  return exchange
}

it('a landlord and Ana hold the same contract, narrowed by Ana, from a link to a countersigned receipt', async () => {
  const place = await world()
  const desk = await place.openDesk()
  const { link, id } = await desk.offer({ terms: landlordsTerms(), addresses: ADDRESSES })
  const offer = await followLink(place, desk, link)
  const someone = await ana(place)
  const name = someone.signer.relationship.shortDid
  const narrowing = {
    without: [{ credential: 'address', claim: 'birth' }],
    keptDays: 30,
    struckThirdParties: ['insurer'],
  }
  const answer = acceptOffer(offer, { relationship: name, narrowing })
  const { hash } = await approve(someone, offer, { answer })
  expect(await someone.holder.deliver(hash, dialTo(desk))).toMatchObject({ ok: true })

  const mine = await onlyExchange(someone)
  expect(mine).toMatchObject({ state: 'in force', hash, contract: { terms: { kept: { days: 30 } } } })
  expect(mine.contract.terms.thirdParties.map((party) => party.id)).toEqual(['agency'])
  expect(await desk.exchange(id)).toMatchObject({
    state: 'in force',
    contract: { hash, contract: mine.contract },
    receipt: mine.receipt,
  })
  expect(await kindsOf(desk.ledger, name)).toEqual(['offer', 'answer', 'presentation', 'receipt'])
  expect(await kindsOf(someone.ledger, name)).toEqual(['offer', 'answer', 'presentation', 'sent', 'receipt'])
  for (const { ledger, ledgerStore: store, dataKeys } of [someone, desk]) {
    expect(await verifyLedger({ cryptography, dataKeys, store }, name)).toMatchObject({ ok: true, erased: 0 })
    const evidence = await evidenceOf({ cryptography, ledger }, name, hash)
    if (!evidence) throw new Error('both sides have the evidence')
    const verified = await verifyEvidence({ ...place, cryptography }, evidence)
    expect(verified).toMatchObject({ ok: true, contract: mine.contract })
  }
})
