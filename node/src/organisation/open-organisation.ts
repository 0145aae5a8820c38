import {
  type Contract,
  type ContractDesk,
  type DeskEvent,
  decodePresentation,
  type ExchangeState,
  openContractDesk,
  parsePresentationBody,
  parseTerms,
  presentationVerifier,
  type Terms,
  verifyLedger,
} from '@muniment/contract'
import { type Issuer, type JsonObject, openIssuer, parseSdJwt } from '@muniment/credentials'
import { createResolver, didKey } from '@muniment/identity'
import { type Did, MunimentError, type Outcome, type Store } from '@muniment/interface'
import { folderKind } from '../home/folder.ts'
import { openStorage, type StorageInit } from '../home/open-storage.ts'
import { httpsFetchJson } from '../identity/index.ts'
import { formatCredentialLink } from '../issuing/credential-link.ts'
import { issuingProtocols } from '../issuing/issue-protocols.ts'
import { createNetwork, type Network } from '../network/index.ts'
import { lastListen, rememberListen } from '../person/listen-address.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { isTrustedIssuer, readOrganisationRows, trustIssuers } from './organisation-rows.ts'

/** Milliseconds after which a person's device that says nothing is let go. */
const IDLE_TIMEOUT = 60_000

/** What an organisation asks for. */
export interface RequestDraft {
  readonly terms: Terms
  readonly alternative?: Terms
  /** DIDs of the issuers it trusts for this. */
  readonly issuers: readonly Did[]
  /** Seconds that the offer stands. */
  readonly lifetime?: number
}

/** One exchange, and what the organisation holds of it. */
export interface ReceivedExchange {
  readonly id: string
  readonly state: ExchangeState
  readonly contractHash?: string
  readonly contract?: Contract
  readonly receipt?: string
  /** For each credential of the terms, the claims that were shown. */
  readonly claims: Readonly<Record<string, JsonObject>>
}

/** An organisation: it certifies, asks, countersigns and keeps its ledger. */
export interface Organisation {
  readonly did: Did
  readonly name: string
  /** Starts listening. */
  start(options?: { readonly listen?: readonly string[] }): Promise<readonly string[]>
  addresses(): readonly string[]
  /** Certifies claims for one person and gives the link to hand out. Throws `ERR_INVALID_ARGUMENT`, `ERR_NOT_FOUND`. */
  offerCredential(draft: {
    readonly template: string
    readonly claims: JsonObject
    readonly withTxCode?: boolean
  }): Promise<{ readonly link: string; readonly txCode?: string }>
  /** Makes a request and gives the link to hand out. Throws `ERR_MALFORMED` for terms that do not read. */
  request(draft: RequestDraft): Promise<{ readonly id: string; readonly link: string }>
  /** Every exchange and what it brought. */
  received(): AsyncIterable<ReceivedExchange>
  /** Checks every chain of the ledger. */
  verifyLedgers(): Promise<Outcome<{ readonly entries: number }>>
  /** Tells of changes of state and of refused answers. */
  observe(listener: (event: DeskEvent) => void): () => void
  readonly desk: ContractDesk
  readonly issuer: Issuer
  close(): Promise<void>
}

/** Opens an organisation of this machine. Throws `ERR_NO_VAULT` and what opening a store throws. */
export async function openOrganisation(init: StorageInit): Promise<Organisation> {
  if ((await folderKind(init.folder)) !== 'organisation') {
    throw new MunimentError('ERR_NO_VAULT', `there is no organisation in ${init.folder}`)
  }
  const parts = await openParts(init)
  const { store, did, name, desk, issuer } = parts
  const connection = organisationConnection(parts)
  return {
    did,
    name,
    desk,
    issuer,
    start: connection.start,
    addresses: connection.addresses,
    async offerCredential(draft) {
      const { offer, txCode } = await issuer.offer(draft)
      const link = formatCredentialLink({ addresses: connection.addresses(), offer })
      return txCode === undefined ? { link } : { link, txCode }
    },
    async request({ terms, alternative, issuers, lifetime }) {
      await trustIssuers(store, issuers)
      const { id, link } = await desk.offer({
        terms: parseTerms(terms),
        addresses: connection.addresses(),
        ...(alternative && { alternative: parseTerms(alternative) }),
        ...(lifetime !== undefined && { lifetime }),
      })
      return { id, link }
    },
    received: () => received(desk),
    verifyLedgers: () => verifyLedgers(desk),
    observe: (listener) => desk.observe(listener),
    async close() {
      await connection.stop()
      await store.close()
    },
  }
}

interface OrganisationParts {
  readonly store: Store
  readonly did: Did
  readonly name: string
  readonly transportKey: Uint8Array
  readonly desk: ContractDesk
  readonly issuer: Issuer
}

const components = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }

async function openParts(init: StorageInit): Promise<OrganisationParts> {
  const { store } = await openStorage(init)
  const { name, signing, transportKey } = await readOrganisationRows(store)
  const did = didKey(signing.publicKey)
  const resolver = createResolver(components)
  const signer = nodeCryptography.signer(signing)
  const kid = (await resolver.resolve(did)).keys[0]?.id ?? did
  const webResolver = createResolver({ ...components, fetchJson: httpsFetchJson() })
  const verifyPresentations = presentationVerifier({
    cryptography: nodeCryptography,
    async issuerKey(issuer) {
      // Only an issuer that this organisation named itself is ever looked up.
      if (issuer === undefined || !(await isTrustedIssuer(store, issuer))) return undefined
      const { keys } = await webResolver.resolve(issuer)
      return keys.find(({ purposes }) => purposes.includes('assertionMethod'))?.publicKey
    },
  })
  const desk = await openContractDesk(
    { ...components, store, signer, verifyPresentations },
    { organisation: { did, name }, kid },
  )
  const issuer = await openIssuer({ ...components, store, signer }, { issuer: did, keyId: kid })
  return { store, did, name, transportKey, desk, issuer }
}

function organisationConnection({
  store,
  transportKey,
  desk,
  issuer,
}: OrganisationParts): Pick<Organisation, 'start' | 'addresses'> & { stop(): Promise<void> } {
  let network: Network | undefined
  const addresses = (): readonly string[] => network?.addresses() ?? []
  return {
    addresses,
    async start({ listen } = {}) {
      if (network) return addresses()
      const chosen = listen ?? (await lastListen(store))
      network = await createNetwork({ transportKey, listen: chosen, clock: nodeClock })
      await rememberListen(store, chosen, network.addresses())
      const protocols = { ...desk.protocols, ...issuingProtocols(issuer) }
      for (const [protocol, serve] of Object.entries(protocols)) {
        await network.serve(protocol, serve, { idleTimeout: IDLE_TIMEOUT })
      }
      return addresses()
    },
    async stop() {
      await network?.stop()
    },
  }
}

async function* received(desk: ContractDesk): AsyncIterable<ReceivedExchange> {
  for await (const { id, state, contract, receipt } of desk.exchanges()) {
    yield {
      id,
      state,
      ...(contract && { contractHash: contract.hash, contract: contract.contract }),
      ...(receipt !== undefined && { receipt }),
      claims: contract ? await claimsOf(desk, contract) : {},
    }
  }
}

async function verifyLedgers(desk: ContractDesk): Promise<Outcome<{ readonly entries: number }>> {
  const { ledgerStore: store, dataKeys } = desk
  let entries = 0
  for await (const relationship of desk.ledger.relationships()) {
    const verified = await verifyLedger({ cryptography: nodeCryptography, dataKeys, store }, relationship)
    if (!verified.ok) return verified
    entries += verified.head.length
  }
  return { ok: true, entries }
}

/** What the presentations under a contract showed, read from the organisation's ledger. */
async function claimsOf(
  desk: ContractDesk,
  { hash, contract }: { readonly hash: string; readonly contract: Contract },
): Promise<Readonly<Record<string, JsonObject>>> {
  const claims: Record<string, JsonObject> = {}
  for await (const { kind, body } of desk.ledger.entries(contract.relationship)) {
    if (kind !== 'presentation' || body === undefined) continue
    const presented = parsePresentationBody(body)
    if (presented.contract !== hash) continue
    for (const [credential, [token = '']] of Object.entries(decodePresentation(presented.bytes))) {
      claims[credential] = parseSdJwt(nodeCryptography, token).claims
    }
  }
  return claims
}
