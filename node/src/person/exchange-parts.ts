import {
  type HolderContracts,
  type Ledger,
  type LedgerStore,
  openHolderContracts,
  openLedger,
} from '@muniment/contract'
import { type HeldCredentials, type Holder, openHolder } from '@muniment/credentials'
import { createResolver, type DocumentResolver } from '@muniment/identity'
import { httpsFetchJson } from '../identity/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { vaultCredentials } from './held-credentials.ts'
import type { PersonParts } from './open-parts.ts'
import { vaultLedger } from './vault-ledger.ts'

/** Keys, chance and time of this machine. */
export const COMPONENTS: {
  readonly cryptography: typeof nodeCryptography
  readonly random: typeof nodeRandom
  readonly clock: typeof nodeClock
} = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }

/** What a person's dealings with organisations are made of. */
export interface ExchangeParts {
  readonly parts: PersonParts
  /** Resolves once this device may write. */
  readonly writable: () => Promise<void>
  /** Resolves what is in the identifier itself; it never asks the network, so that presenting makes no connection. */
  readonly resolver: DocumentResolver
  /** Resolves did:web too, for an issuer whose link the person has just opened. */
  readonly webResolver: DocumentResolver
  readonly held: HeldCredentials
  readonly holder: Holder
  readonly ledgerStore: LedgerStore
  readonly ledger: Ledger
  readonly contracts: HolderContracts
}

/** Wires the holder of credentials, the ledger and the contracts over a person's vault. */
export function exchangeParts(parts: PersonParts, writable: () => Promise<void>): ExchangeParts {
  const { vault, store, keyring } = parts
  const resolver = createResolver(COMPONENTS)
  const webResolver = createResolver({ ...COMPONENTS, fetchJson: httpsFetchJson() })
  const held = vaultCredentials(vault)
  const holder = openHolder({ ...COMPONENTS, store, held })
  const ledgerStore = vaultLedger(vault)
  const ledger = openLedger({ ...COMPONENTS, dataKeys: keyring, store: ledgerStore })
  const contracts = openHolderContracts({ ...COMPONENTS, resolver, ledger })
  return { parts, writable, resolver, webResolver, held, holder, ledgerStore, ledger, contracts }
}
