import {
  acceptOffer,
  type AnswerPreview,
  agree,
  agreedQuery,
  type ContractWords,
  describeOffer,
  encodePresentation,
  fetchOffer,
  declineOffer,
  DECLINE_PROTOCOL,
  type HolderExchange,
  openHolderContracts,
  openLedger,
  type Language,
  type LedgerEntry,
  type Narrowing,
  type Offer,
  parseAnswer,
  parseRequestLink,
  previewAnswer,
  REQUEST_PROTOCOL,
  verifyLedger,
  verifyOffer,
} from '@muniment/contract'
import {
  type HeldCredential,
  type Match,
  openHolder,
  parseDcqlQuery,
  parseStrictJson,
  presentCopy,
  selectCredentials,
} from '@muniment/credentials'
import { createResolver } from '@muniment/identity'
import { type Did, MunimentError, type Outcome, type Problem } from '@muniment/interface'
import { parseCredentialLink } from '../issuing/credential-link.ts'
import { receiveCredential } from '../issuing/receive-credential.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { dialPairwise } from './dial-pairwise.ts'
import { vaultCredentials } from './held-credentials.ts'
import type { PersonParts } from './open-parts.ts'
import { identityTowards, isOfThisDevice } from './relationships.ts'
import { listRequests, type OpenRequest, readRequest, writeRequest } from './requests.ts'
import { vaultLedger } from './vault-ledger.ts'

/** Milliseconds that an organisation has to answer a delivery; it can be repeated at any time. */
const DELIVERY_TIMEOUT = 30_000
const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }

/** A credential as a person sees it. */
export interface CredentialSummary {
  readonly id: string
  readonly issuer: Did
  readonly vct: string
  readonly claims: HeldCredential['claims']
  /** Copies on this device that nobody has seen yet. */
  readonly freshCopies: number
}

/** A request that was opened. */
export interface RequestSummary {
  readonly id: string
  readonly who: string
  readonly did: Did
  /** The offer in plain words, and its alternative. */
  readonly words: { readonly offer: ContractWords; readonly alternative?: ContractWords }
  /** What nothing in the vault answers; such a request can only be declined. */
  readonly problems: readonly Problem[]
  readonly state: string
  readonly expires: number
}

/** What a person chooses: the offer or its alternative, whole or narrowed. */
export interface Choice {
  readonly choice?: 'offer' | 'alternative'
  readonly narrowing?: Narrowing
}

/** One entry of the ledger, with the relationship it belongs to. */
export interface LedgerLine extends LedgerEntry {
  readonly relationship: Did
}

/** What a person does with organisations. */
export interface Exchange {
  /** Takes the credential that an issuer offers by a link. Throws `ERR_REFUSED`, `ERR_UNREACHABLE`, `ERR_MALFORMED`. */
  receive(link: string, options?: { readonly txCode?: string | undefined }): Promise<CredentialSummary>
  /** The credentials of the vault. */
  credentials(): Promise<readonly CredentialSummary[]>
  /** Opens an organisation's request by its link: verified, and said in plain words. Throws `ERR_OFFER_INVALID`. */
  openRequest(link: string, language?: Language): Promise<RequestSummary>
  /** The requests that were opened. */
  inbox(language?: Language): Promise<readonly RequestSummary[]>
  /** What exactly would leave, made of the final bytes. Throws `ERR_NO_MATCHING_CREDENTIAL`, `ERR_ANSWER_TOO_WIDE`. */
  preview(id: string, choice?: Choice): Promise<AnswerPreview>
  /** The final bytes of the last preview. */
  previewBytes(id: string): Promise<Uint8Array>
  /**
   * Sends what the preview showed, named by its hash, and files the receipt. Throws `ERR_REFUSED` when the bytes are not
   * those of the preview; a "no" of the organisation is returned.
   */
  share(
    id: string,
    previewHash: string,
  ): Promise<Outcome<{ readonly contract: string; readonly receipt: string }>>
  /** Says no, without a reason. */
  decline(id: string): Promise<Outcome>
  /** Delivers what was approved and not acknowledged yet, e.g. after a crash. */
  resumeShares(): Promise<readonly Outcome<{ readonly contract: string; readonly receipt: string }>[]>
  /** Every exchange that was approved, and where it stands. */
  shares(): Promise<readonly HolderExchange[]>
  /** The entries of all ledgers. Throws `ERR_LEDGER_BROKEN`. */
  ledger(): AsyncIterable<LedgerLine>
  /** Checks every chain of the ledger. */
  verifyLedgers(): Promise<Outcome<{ readonly entries: number }>>
}

/**
 * Wires the exchange with organisations over a person's parts.
 *
 * @param writable - resolves once this device may write
 */
export function openExchange(parts: PersonParts, writable: () => Promise<void>): Exchange {
  const { vault, store, keyring } = parts
  const resolver = createResolver(COMPONENTS)
  const held = vaultCredentials(vault)
  const holder = openHolder({ ...COMPONENTS, store, held })
  const ledgerStore = vaultLedger(vault)
  const ledger = openLedger({ ...COMPONENTS, dataKeys: keyring, store: ledgerStore })
  const contracts = openHolderContracts({ ...COMPONENTS, resolver, ledger })

  async function summary(credential: HeldCredential): Promise<CredentialSummary> {
    const { id, issuer, vct, claims } = credential
    return { id, issuer, vct, claims, freshCopies: await holder.countFresh(id) }
  }

  async function offerOf(request: OpenRequest): Promise<Offer> {
    const verified = await verifyOffer({ ...COMPONENTS, resolver }, request.jws, {
      did: request.did,
      id: request.id,
    })
    if (verified.ok) return verified.offer
    const isExpired = verified.problems.some(({ code }) => code === 'offer_expired')
    const message = verified.problems.map((problem) => problem.message).join('; ')
    throw new MunimentError(isExpired ? 'ERR_OFFER_EXPIRED' : 'ERR_OFFER_INVALID', message)
  }

  async function summarise(request: OpenRequest, language: Language): Promise<RequestSummary> {
    const offer = await offerOf(request)
    const { organisation, expires } = offer.proposal
    const selection = selectCredentials(parseDcqlQuery({ ...offer.dcql }), await held.list())
    return {
      id: request.id,
      who: organisation.name,
      did: organisation.did,
      words: describeOffer(offer.proposal, language),
      problems: selection.ok ? [] : selection.problems,
      state: request.state,
      expires,
    }
  }

  async function present(
    request: OpenRequest,
    { offer, answer }: { readonly offer: Offer; readonly answer: ReturnType<typeof acceptOffer> },
  ): Promise<Uint8Array> {
    const agreement = agree(nodeCryptography, offer, answer)
    if (!agreement.ok) throw new MunimentError('ERR_ANSWER_TOO_WIDE', sentence(agreement.problems))
    const query = parseDcqlQuery({ ...agreedQuery(agreement.contract) })
    const selection = selectCredentials(query, await held.list())
    if (!selection.ok) throw new MunimentError('ERR_NO_MATCHING_CREDENTIAL', sentence(selection.problems))
    const token: Record<string, readonly string[]> = {}
    for (const { id } of agreement.contract.terms.what) {
      const match: Match<HeldCredential> | undefined = selection.matches[id]?.[0]
      const transactionData = offer.transactionData.get(id)
      if (!match || transactionData === undefined) continue
      const copy = await holder.takeCopy(match.credential.id, {
        verifier: offer.proposal.organisation.did,
        allowReuse: request.presentation !== undefined,
      })
      const draft = {
        disclose: match.disclose,
        audience: offer.clientId,
        nonce: offer.nonce,
        issuedAt: Math.floor(nodeClock.now() / 1000),
        transactionData: [transactionData],
        contractAnswer: answer,
      }
      token[id] = [await presentCopy(COMPONENTS, copy, draft)]
    }
    return encodePresentation(token)
  }

  async function deliver(
    contract: string,
    { did, addresses }: { readonly did: Did; readonly addresses: readonly string[] },
  ): Promise<Outcome<{ readonly contract: string; readonly receipt: string }>> {
    const { transportKey } = await identityTowards(parts, did)
    return dialPairwise({ transportKey, addresses }, async (dial) => {
      const delivered = await contracts.deliver(contract, dial, {
        signal: AbortSignal.timeout(DELIVERY_TIMEOUT),
      })
      return delivered.ok ? { ...delivered, contract } : delivered
    })
  }

  return {
    async receive(text, options = {}) {
      const link = parseCredentialLink(text)
      await writable()
      const { transportKey } = await identityTowards(parts, link.offer.credential_issuer)
      const { credential } = await dialPairwise({ transportKey, addresses: link.addresses }, (dial) =>
        receiveCredential({ holder, resolver, dial }, link, options),
      )
      return summary(credential)
    },
    credentials: async () => Promise.all((await held.list()).map(summary)),
    async openRequest(text, language = 'en') {
      const link = parseRequestLink(text)
      if (link.kind !== 'muniment') {
        throw new MunimentError('ERR_UNSUPPORTED', 'this link is for wallets that answer over HTTPS')
      }
      const { transportKey } = await identityTowards(parts, link.did)
      const fetched = await dialPairwise({ transportKey, addresses: link.addresses }, async (dial) =>
        fetchOffer(await dial(REQUEST_PROTOCOL), link.id),
      )
      if (!fetched.ok) throw new MunimentError('ERR_REFUSED', sentence(fetched.problems))
      const { did, id, addresses } = link
      const request: OpenRequest = { id, did, addresses, jws: fetched.jws, state: 'open' }
      const shown = await summarise(request, language)
      await writeRequest(store, (await readRequest(store, id)) ?? request)
      return shown
    },
    async inbox(language = 'en') {
      const summaries: RequestSummary[] = []
      for await (const request of listRequests(store)) {
        try {
          summaries.push(await summarise(request, language))
        } catch (error) {
          if (!(error instanceof MunimentError) || error.code !== 'ERR_OFFER_EXPIRED') throw error
        }
      }
      return summaries
    },
    async preview(id, { choice = 'offer', narrowing } = {}) {
      const request = await requestOf(parts, id)
      const offer = await offerOf(request)
      const { signer } = await identityTowards(parts, request.did)
      const answer = acceptOffer(offer, {
        choice,
        relationship: signer.relationship.shortDid,
        ...(narrowing && { narrowing }),
      })
      const presentation = await present(request, { offer, answer })
      const previewed = previewAnswer(nodeCryptography, presentation, { offer, answer })
      if (!previewed.ok) throw new MunimentError('ERR_REFUSED', sentence(previewed.problems))
      await writeRequest(store, { ...request, presentation, answer: JSON.stringify(answer) })
      return previewed.preview
    },
    async previewBytes(id) {
      const { presentation } = await requestOf(parts, id)
      if (!presentation) throw new MunimentError('ERR_NOT_FOUND', 'this request was not previewed')
      return presentation
    },
    async share(id, previewHash) {
      await writable()
      const request = await requestOf(parts, id)
      const { presentation, answer } = request
      if (!presentation || answer === undefined) {
        throw new MunimentError('ERR_REFUSED', 'look at the preview before you send')
      }
      const { signer } = await identityTowards(parts, request.did)
      const offer = await offerOf(request)
      const agreed = await contracts.approve({
        offer,
        answer: parseAnswer(parseStrictJson(answer)),
        presentation,
        previewHash,
        signer,
      })
      const shared = await deliver(agreed.hash, request)
      await writeRequest(store, { ...request, state: shared.ok ? 'shared' : 'refused' })
      return shared
    },
    async decline(id) {
      const request = await requestOf(parts, id)
      const { transportKey } = await identityTowards(parts, request.did)
      const declined = await dialPairwise({ transportKey, addresses: request.addresses }, async (dial) =>
        declineOffer(await dial(DECLINE_PROTOCOL), id),
      )
      if (declined.ok) await writeRequest(store, { ...request, state: 'declined' })
      return declined
    },
    async resumeShares() {
      await writable()
      const waiting: HolderExchange[] = []
      for (const exchange of await contracts.exchanges()) {
        const isOpen = exchange.state === 'approved' || exchange.state === 'delivered, unacknowledged'
        if (isOpen && (await isOfThisDevice(parts, exchange.contract))) waiting.push(exchange)
      }
      const outcomes: Outcome<{ readonly contract: string; readonly receipt: string }>[] = []
      for (const { hash, offer } of waiting) {
        const { addresses, proposal } = offer
        outcomes.push(await deliver(hash, { did: proposal.organisation.did, addresses }))
      }
      return outcomes
    },
    shares: () => contracts.exchanges(),
    async *ledger() {
      for await (const relationship of ledger.relationships()) {
        for await (const entry of ledger.entries(relationship)) yield { ...entry, relationship }
      }
    },
    async verifyLedgers() {
      let entries = 0
      for await (const relationship of ledger.relationships()) {
        const verified = await verifyLedger(
          { ...COMPONENTS, dataKeys: keyring, store: ledgerStore },
          relationship,
        )
        if (!verified.ok) return verified
        entries += verified.head.length
      }
      return { ok: true, entries }
    },
  }
}

function sentence(problems: readonly Problem[]): string {
  return problems.map(({ message }) => message).join(' ')
}

async function requestOf({ store }: PersonParts, id: string): Promise<OpenRequest> {
  const request = await readRequest(store, id)
  if (!request) throw new MunimentError('ERR_NOT_FOUND', 'no request of this id was opened here')
  return request
}
