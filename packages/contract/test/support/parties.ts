import { bindPresentation, issueSdJwtVc, presentSdJwt } from '@muniment/credentials'
import { createRelationship, createResolver, didKey, jwkFromPublicKey, slotKey } from '@muniment/identity'
import type { Channel, Clock, DataKeys, KeyId, Resolver, Signer, Store } from '@muniment/interface'
import { memoryChannelPair } from 'muniment/network'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import {
  agree,
  type ContractAnswer,
  type ContractDesk,
  type DialProtocol,
  encodePresentation,
  type HolderContracts,
  type Ledger,
  type LedgerStore,
  type Offer,
  openContractDesk,
  openHolderContracts,
  openLedger,
  openStoreDataKeys,
  presentationVerifier,
  previewAnswer,
  type RelationshipSigner,
  storeLedger,
  type Terms,
  verifyOffer,
} from '../../src/index.ts'

export { cryptography, random }

export const NOON: number = Date.UTC(2030, 0, 7, 12)
export const ADDRESS_TYPE = 'https://council.example/address'
export const INCOME_TYPE = 'https://tax.example/income'

/** A clock that only a test moves. */
export interface UnsafeTestingClock extends Clock {
  time: number
}

export function unsafeTestingClock(time: number = NOON): UnsafeTestingClock {
  return {
    time,
    now() {
      return this.time
    },
    async wait() {
      throw new Error('nobody waits in these tests')
    },
  }
}

const both = (en: string, fr: string): { en: string; fr: string } => ({ en, fr })

/** A landlord's terms: town and postcode, and income at least so much; the date of birth if one likes. */
export function landlordsTerms(change: Partial<Terms> = {}): Terms {
  return {
    what: [
      {
        id: 'address',
        vct: [ADDRESS_TYPE],
        label: both('Proof of address', 'Justificatif de domicile'),
        required: [
          { id: 'town', path: ['address', 'town'], label: both('town', 'commune'), concept: 'pd:City' },
          { id: 'postcode', path: ['address', 'postcode'], label: both('postcode', 'code postal') },
        ],
        optional: [{ id: 'birth', path: ['birthdate'], label: both('date of birth', 'date de naissance') }],
      },
      {
        id: 'income',
        vct: [INCOME_TYPE],
        label: both('Income', 'Revenus'),
        required: [
          {
            id: 'enough',
            path: ['at_least_2000'],
            values: [true],
            label: both('at least 2,000 €', 'au moins 2 000 €'),
          },
        ],
        optional: [],
      },
    ],
    purpose: {
      concept: 'dpv:ServiceProvision',
      basis: 'eu-gdpr:A6-1-b',
      text: both('To choose a tenant.', 'Choisir un locataire.'),
    },
    givenBack: { text: both('An answer within a week.', 'Une réponse sous une semaine.') },
    kept: { days: 90, text: both('What you show.', 'Ce que vous montrez.') },
    thirdParties: [
      {
        id: 'insurer',
        name: 'Assur SA',
        concept: 'dpv:ThirdParty',
        text: both('To insure the rent.', 'Assurer le loyer.'),
      },
      {
        id: 'agency',
        name: 'Agence Nord',
        concept: 'dpv:DataProcessor',
        text: both('To visit.', 'Visiter.'),
      },
    ],
    erasure: { honoured: true, withinDays: 30 },
    ...change,
  }
}

export interface Party {
  readonly did: string
  readonly kid: string
  readonly signer: Signer
}

export function party(): Party {
  const keyPair = cryptography.generateKeyPair('ES256')
  const did = didKey(keyPair.publicKey)
  return { did, kid: `${did}#${did.slice('did:key:'.length)}`, signer: cryptography.signer(keyPair) }
}

export interface World {
  readonly clock: UnsafeTestingClock
  readonly resolver: Resolver
  readonly council: Party
  readonly landlord: Party
  readonly store: Store
  /** What the landlord's process runs on: a test may put a failing one in. */
  openDesk(store?: Store): Promise<ContractDesk>
}

export async function world(): Promise<World> {
  const clock = unsafeTestingClock()
  const council = party()
  const landlord = party()
  const store = await openMemoryStore({ key: random(32), cryptography, random })
  const verifyPresentations = presentationVerifier({
    cryptography,
    issuerKey: async (issuer) => (issuer === council.did ? council.signer.publicKey : undefined),
  })
  return {
    clock,
    resolver: createResolver({ cryptography, clock }),
    council,
    landlord,
    store,
    openDesk: (own = store) =>
      openContractDesk(
        { cryptography, random, clock, store: own, signer: landlord.signer, verifyPresentations },
        { organisation: { did: landlord.did, name: 'Immo Sud' }, kid: landlord.kid },
      ),
  }
}

export interface Ana {
  readonly signer: RelationshipSigner
  readonly holder: HolderContracts
  readonly ledger: Ledger
  readonly ledgerStore: LedgerStore
  readonly dataKeys: DataKeys & { erase(ids: readonly KeyId[]): Promise<void> }
  /** Answers with what her credentials say; gives the bytes and what their preview says. */
  present(offer: Offer, answer: ContractAnswer, options?: PresentOptions): Promise<Uint8Array>
  /** The same person after her device was started again. */
  restart(ledgerStore?: LedgerStore): Ana
}

export interface PresentOptions {
  readonly reveal?: Readonly<Record<string, readonly (readonly string[])[]>>
  readonly signed?: ContractAnswer
  readonly nonce?: string
}

export async function ana(place: World): Promise<Ana> {
  const key = slotKey(cryptography, { secret: random(32), salt: random(32) })
  const relationship = createRelationship({ cryptography, random }, { devices: [key.publicKey] })
  const signer = { relationship, signer: cryptography.signer(key), secret: random(32) }
  const holderKey = cryptography.signer(cryptography.generateKeyPair('ES256'))
  const credentials = await issueTo(place, holderKey)
  const store = await openMemoryStore({ key: random(32), cryptography, random })
  const dataKeys = await openStoreDataKeys({ store, random })
  const start = (ledgerStore: LedgerStore): Ana => {
    const ledger = openLedger({ cryptography, random, dataKeys, store: ledgerStore })
    const holder = openHolderContracts({ cryptography, clock: place.clock, resolver: place.resolver, ledger })
    return {
      signer,
      holder,
      ledger,
      ledgerStore,
      dataKeys,
      restart: (other = ledgerStore) => start(other),
      present: (offer, answer, options = {}) =>
        present(place, { credentials, holderKey, offer, answer, options }),
    }
  }
  return start(storeLedger(store))
}

async function issueTo(place: World, holder: Signer): Promise<Readonly<Record<string, string>>> {
  const components = { cryptography, random, signer: place.council.signer }
  const common = { iss: place.council.did, cnf: { jwk: { ...jwkFromPublicKey(holder.publicKey) } } }
  return {
    address: await issueSdJwtVc(components, {
      payload: {
        ...common,
        vct: ADDRESS_TYPE,
        address: { street: 'Rue Haute 1', town: 'Namur', postcode: '5000' },
        birthdate: '1990-02-03',
      },
      disclosable: [['address', 'street'], ['address', 'town'], ['address', 'postcode'], ['birthdate']],
    }),
    income: await issueSdJwtVc(components, {
      payload: { ...common, vct: INCOME_TYPE, at_least_2000: true, at_least_3000: true },
      disclosable: [['at_least_2000'], ['at_least_3000']],
    }),
  }
}

interface Presenting {
  readonly credentials: Readonly<Record<string, string>>
  readonly holderKey: Signer
  readonly offer: Offer
  readonly answer: ContractAnswer
  readonly options: PresentOptions
}

async function present(place: World, presenting: Presenting): Promise<Uint8Array> {
  const { credentials, holderKey, offer, answer, options } = presenting
  const agreed = agree(cryptography, offer, options.signed ?? answer)
  const what = agreed.ok ? agreed.contract.terms.what : []
  const vpToken: Record<string, string[]> = {}
  for (const { id, required, optional } of what) {
    const reveal = options.reveal?.[id] ?? [...required, ...optional].map(({ path }) => path)
    const shown = presentSdJwt(credentials[id] ?? '', { cryptography }, { reveal })
    vpToken[id] = [
      await bindPresentation(
        shown,
        { cryptography, signer: holderKey },
        {
          audience: offer.clientId,
          nonce: options.nonce ?? offer.nonce,
          issuedAt: Math.floor(place.clock.now() / 1000),
          transactionData: [offer.transactionData.get(id) ?? ''],
          contractAnswer: { ...answer },
        },
      ),
    ]
  }
  return encodePresentation(vpToken)
}

/** Reads a stored offer the way a person's device does. */
export async function readOffer(place: World, jws: string): Promise<Offer> {
  const verified = await verifyOffer({ cryptography, clock: place.clock, resolver: place.resolver }, jws)
  if (!verified.ok) throw new Error(verified.problems.map(({ code }) => code).join())
  return verified.offer
}

/** Dials a desk in memory. What fails at the landlord's is the landlord's to see: Ana only sees her channel. */
export function dialTo(desk: ContractDesk, serving: (() => Promise<void>)[] = []): DialProtocol {
  return async (protocol) => {
    const [mine, theirs] = memoryChannelPair()
    const served = desk.protocols[protocol]?.(theirs).catch(() => undefined)
    serving.push(async () => {
      mine.abort(new Error('the other side died'))
      await served
    })
    return mine
  }
}

/** A channel that a test speaks through byte by byte. */
export async function askRaw(
  desk: ContractDesk,
  protocol: string,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  const channel: Channel = await dialTo(desk)(protocol)
  await channel.send(bytes)
  return channel.receive()
}

/** Ana reads, previews and approves; nothing is sent yet. Gives the contract's hash. */
export async function approve(
  who: Ana,
  offer: Offer,
  { answer, options = {} }: { readonly answer: ContractAnswer; readonly options?: PresentOptions },
): Promise<{ readonly hash: string; readonly bytes: Uint8Array }> {
  const bytes = await who.present(offer, answer, options)
  const previewed = previewAnswer(cryptography, bytes, { offer, answer })
  if (!previewed.ok) throw new Error(previewed.problems.map(({ code }) => code).join())
  const previewHash = previewed.preview.hash
  const { hash } = await who.holder.approve({
    offer,
    answer,
    presentation: bytes,
    previewHash,
    signer: who.signer,
  })
  return { hash, bytes }
}

export const codesOf = (outcome: { ok: boolean; problems?: readonly { code: string }[] }): string[] =>
  (outcome.problems ?? []).map(({ code }) => code).toSorted()
