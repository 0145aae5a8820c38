import { type Answering, answering } from './answering.ts'
import { type CredentialWallet, credentialWallet } from './credential-wallet.ts'
import { exchangeParts } from './exchange-parts.ts'
import { type LedgerView, ledgerView } from './ledger-view.ts'
import type { PersonParts } from './open-parts.ts'
import { type RequestInbox, requestInbox } from './request-inbox.ts'

/** What a person does with organisations. */
export interface Exchange extends CredentialWallet, RequestInbox, Answering, LedgerView {}

/**
 * Wires the exchange with organisations over a person's parts.
 *
 * @param writable - resolves once this device may write
 */
export function openExchange(parts: PersonParts, writable: () => Promise<void>): Exchange {
  const exchange = exchangeParts(parts, writable)
  return {
    ...credentialWallet(exchange),
    ...requestInbox(exchange),
    ...answering(exchange),
    ...ledgerView(exchange),
  }
}
