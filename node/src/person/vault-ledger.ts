import { fromCanonical, toCanonical } from '@muniment/crypto'
import type { LedgerStore } from '@muniment/contract'
import { MunimentError } from '@muniment/interface'
import type { Vault } from '@muniment/vault'
import * as v from 'valibot'

const schema = v.array(v.instance(Uint8Array))

/** The person's ledger lies in the vault's own log, so that every device has it. */
export function vaultLedger(vault: Vault): LedgerStore {
  return {
    async append(relationship, entries) {
      await vault.appendLedger({ relationship, body: toCanonical(entries) })
    },
    async *read(relationship) {
      for await (const { body } of vault.ledger(relationship)) yield* parseEntries(body)
    },
    async *relationships() {
      const seen = new Set<string>()
      for await (const { relationship } of vault.ledger()) {
        if (!seen.has(relationship)) yield relationship
        seen.add(relationship)
      }
    },
  }
}

function parseEntries(body: Uint8Array): readonly Uint8Array[] {
  const parsed = v.safeParse(schema, fromCanonical(body))
  if (!parsed.success)
    throw new MunimentError('ERR_LEDGER_BROKEN', 'a ledger entry of the vault does not read')
  return parsed.output
}
