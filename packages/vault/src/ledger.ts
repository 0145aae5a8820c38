import { MunimentError } from '@muniment/interface'
import type { EntryAddress } from '@muniment/log'
import type { VaultCore } from './core.ts'
import { encodeLedger, parseLedger } from './intake.ts'
import { parseLedgerRow, TABLES } from './rows.ts'
import type { LedgerEntry } from './vault.ts'

/** Appends to the ledger under a fresh data key, so that this entry alone can be erased (protocol rule 17). */
export async function appendLedger(
  core: VaultCore,
  { relationship, body }: { readonly relationship: string; readonly body: Uint8Array },
): Promise<EntryAddress> {
  const encoded = encodeLedger(relationship, body)
  parseLedger(encoded)
  const [key] = await core.dataKeys.create(1)
  const [address] = await core.log.append([
    { kind: 'ledger', body: encoded, ...(key !== undefined && { key }) },
  ])
  if (!address) throw new MunimentError('ERR_LEDGER_BROKEN', 'the log did not take the ledger entry')
  await core.inTurn(() => core.catchUp())
  return address
}

/** The ledger's entries in the order in which they were taken in here. */
export async function* readLedger(core: VaultCore, relationship?: string): AsyncGenerator<LedgerEntry> {
  await core.tables.flush()
  for await (const { value } of core.store.list(TABLES.ledger)) {
    const row = parseLedgerRow(value)
    if (relationship !== undefined && row.relationship !== relationship) continue
    for await (const entry of core.log.entries(row.device, { from: row.seq, to: row.seq })) {
      if (!entry.body) continue
      const { device, seq, hash } = entry
      yield { ...parseLedger(entry.body), address: { device, seq, hash } }
    }
  }
}
