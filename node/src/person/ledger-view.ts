import { type LedgerEntry, verifyLedger } from '@muniment/contract'
import type { Did, Outcome } from '@muniment/interface'
import { COMPONENTS, type ExchangeParts } from './exchange-parts.ts'

/** One entry of the ledger, with the relationship it belongs to. */
export interface LedgerLine extends LedgerEntry {
  readonly relationship: Did
}

/** What was agreed with organisations, as the person's ledger has it. */
export interface LedgerView {
  /** The entries of all ledgers. Throws `ERR_LEDGER_BROKEN`. */
  ledger(): AsyncIterable<LedgerLine>
  /** Checks every chain of the ledger. */
  verifyLedgers(): Promise<Outcome<{ readonly entries: number }>>
}

/** The ledger of a vault, to read and to check. */
export function ledgerView({ parts, ledger, ledgerStore }: ExchangeParts): LedgerView {
  return {
    async *ledger() {
      for await (const relationship of ledger.relationships()) {
        for await (const entry of ledger.entries(relationship)) yield { ...entry, relationship }
      }
    },
    async verifyLedgers() {
      const components = { ...COMPONENTS, dataKeys: parts.keyring, store: ledgerStore }
      let entries = 0
      for await (const relationship of ledger.relationships()) {
        const verified = await verifyLedger(components, relationship)
        if (!verified.ok) return verified
        entries += verified.head.length
      }
      return { ok: true, entries }
    },
  }
}
