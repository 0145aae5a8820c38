import {
  acceptOffer,
  type ContractAnswer,
  type ContractDesk,
  type DeskOffer,
  type LedgerKind,
  type Ledger,
  type Narrowing,
  type Offer,
} from '../../src/index.ts'
import { ana, type Ana, approve, landlordsTerms, readOffer, type World, world } from './parties.ts'

export const ADDRESSES = ['/ip4/127.0.0.1/tcp/4001']

/** A landlord has made an offer, and Ana has read it. */
export interface Meeting {
  readonly place: World
  readonly desk: ContractDesk
  readonly id: string
  readonly jws: string
  readonly offer: Offer
  readonly someone: Ana
  /** Short form of the relationship's DID. */
  readonly name: string
}

export async function meeting(draft: Partial<DeskOffer> = {}): Promise<Meeting> {
  const place = await world()
  const desk = await place.openDesk()
  const { id, jws } = await desk.offer({ terms: landlordsTerms(), addresses: ADDRESSES, ...draft })
  const someone = await ana(place)
  const offer = await readOffer(place, jws)
  return { place, desk, id, jws, offer, someone, name: someone.signer.relationship.shortDid }
}

/** Ana accepts, narrowed or not. */
export function accept({ offer, name }: Meeting, narrowing?: Narrowing): ContractAnswer {
  return acceptOffer(offer, { relationship: name, ...(narrowing && { narrowing }) })
}

/** Ana has approved, and nothing was sent. */
export async function approvedMeeting(): Promise<
  Meeting & { readonly hash: string; readonly bytes: Uint8Array }
> {
  const met = await meeting()
  return { ...met, ...(await approve(met.someone, met.offer, { answer: accept(met) })) }
}

export async function kindsOf(ledger: Ledger, relationship: string): Promise<LedgerKind[]> {
  const kinds: LedgerKind[] = []
  for await (const { kind } of ledger.entries(relationship)) kinds.push(kind)
  return kinds
}
