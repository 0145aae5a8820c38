import type { ExchangeStore } from './exchange-store.ts'
import type { DeclineMessage, Reply } from './messages.ts'
import { refuse } from './take-claim.ts'

/**
 * Takes a decline (protocol rule 18): unsigned, for whoever holds the request's id may say no to it. It asks nothing and
 * the reply tells nothing but that it was noted. A request that was answered stays answered.
 */
export async function takeDecline(exchanges: ExchangeStore, { decline: id }: DeclineMessage): Promise<Reply> {
  const found = await exchanges.load(id)
  if (!found) return refuse('unknown_request')
  const { record } = found
  if (record.state === 'declined') return { noted: true }
  if (record.state === 'delivered' || record.state === 'in force') return refuse('closed')
  await exchanges.save(id, { state: 'declined', offer: record.offer })
  return { noted: true }
}
