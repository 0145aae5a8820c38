import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type Milliseconds, MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import type { PersonParts } from '../open-parts.ts'
import type { Confirmation } from './confirmation.ts'

const TABLE = 'restored'
const ROW = 'restored'

/** That this device was restored, and how sure it is that nothing later is missing. */
export interface Restored extends Confirmation {
  readonly at: Milliseconds
}

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const schema = v.strictObject({
  at: time,
  asOf: v.optional(time),
  unconfirmedSince: v.optional(time),
  why: v.optional(v.picklist(['alone', 'older'])),
})

/** Keeps it, on this device. */
export async function keepRestored({ store }: PersonParts, restored: Restored): Promise<void> {
  await store.commit([{ table: TABLE, key: ROW, value: toCanonical({ ...restored }) }])
}

/** Whether this device was restored. */
export async function readRestored({ store }: Pick<PersonParts, 'store'>): Promise<Restored | undefined> {
  const row = await store.get(TABLE, ROW)
  if (!row) return undefined
  const parsed = v.safeParse(schema, fromCanonical(row))
  if (parsed.success) return parsed.output
  throw new MunimentError('ERR_STORE_DAMAGED', 'what is known of the restore does not read')
}
