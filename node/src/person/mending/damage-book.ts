import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type Milliseconds, MunimentError, type Store, type StoreChange } from '@muniment/interface'
import * as v from 'valibot'

/** What was found damaged at one opening, and what came of it. */
export interface Incident {
  readonly at: Milliseconds
  /** The folder in which what was found is kept. */
  readonly kept: string
  /** Files in which single bits were set right. */
  readonly corrected: readonly string[]
  /** True when the keyring could not be read. */
  readonly isKeyringLost: boolean
  /** What more was lost; absent when bits set right were enough. */
  readonly lost?: {
    /** Blocks and runs of files that do not read. */
    readonly parts: number
    /** Rows that were there and did not open. */
    readonly rows: number
    /** Files that were not there. */
    readonly files: readonly string[]
    /** Log entries that were known to be missing after it. */
    readonly entries: number
    /** Copies of credentials that are taken for shown since, because it is not known which were. */
    readonly spentCopies: number
  }
}

/** Log entries that came back, and from which devices: all that were connected then. */
export interface Healed {
  readonly at: Milliseconds
  readonly entries: number
  readonly from: readonly string[]
}

const TABLE = 'damage'
const HEALED = 'healed'
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const texts = v.array(v.string())
const incidentSchema = v.strictObject({
  at: v.number(),
  kept: v.string(),
  corrected: texts,
  isKeyringLost: v.boolean(),
  lost: v.exactOptional(
    v.strictObject({ parts: count, rows: count, files: texts, entries: count, spentCopies: count }),
  ),
})
const healedSchema = v.array(v.strictObject({ at: v.number(), entries: count, from: texts }))

/** The change that notes an incident. */
export function incidentChange(incident: Incident): StoreChange {
  const { lost } = incident
  return {
    table: TABLE,
    key: incident.kept,
    value: toCanonical({ ...incident, ...(lost && { lost: { ...lost } }) }),
  }
}

/** All that was noted, the latest first. */
export async function readIncidents(store: Store): Promise<readonly Incident[]> {
  const incidents: Incident[] = []
  for await (const { key, value } of store.listNames(TABLE))
    if (key !== HEALED) incidents.push(parse(incidentSchema, value))
  return incidents.toSorted((left, right) => right.at - left.at)
}

/** What came back, the latest last. */
export async function readHealed(store: Store): Promise<readonly Healed[]> {
  const value = await store.get(TABLE, HEALED)
  return value ? parse(healedSchema, value) : []
}

/** Notes that entries came back. */
export async function noteHealed(store: Store, healed: Healed): Promise<void> {
  const all = [...(await readHealed(store)), healed]
  const last = all.at(-2)
  // One refetch comes in many batches: what came from the same devices within a minute is one line.
  if (last && last.from.join() === healed.from.join() && healed.at - last.at < 60_000)
    all.splice(-2, 2, { ...healed, entries: last.entries + healed.entries })
  const value = toCanonical(all.map(({ at, entries, from }) => ({ at, entries, from })))
  await store.commit([{ table: TABLE, key: HEALED, value }])
}

function parse<S extends v.GenericSchema>(schema: S, value: Uint8Array): v.InferOutput<S> {
  const parsed = v.safeParse(schema, fromCanonical(value))
  if (!parsed.success)
    throw new MunimentError('ERR_STORE_DAMAGED', 'a note of damage is not what was written')
  return parsed.output
}
