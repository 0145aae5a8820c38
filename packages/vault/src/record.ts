import type { DeviceId, FieldValue, Milliseconds, Provenance, RecordDraft } from '@muniment/interface'
import { isFieldValue } from './check-draft.ts'
import type { RecordId } from './record-id.ts'
import {
  distinctValues,
  isInConflict,
  presentSlots,
  type Registers,
  type Removal,
  removalOf,
} from './register.ts'
import type { Property, Slot } from './slot.ts'

/** One side of a conflict: what a device wrote without having seen the other sides. */
export interface ConflictValue {
  /** The value; absent when that device took the field, or the record, away. */
  readonly value?: FieldValue
  /** The device that wrote it; absent when the roster does not tell. */
  readonly device?: DeviceId
  /** When that device's clock said it was written. */
  readonly at: Milliseconds
}

/** Values of one thing that devices wrote without sight of each other. Only a person's decision closes it. */
export interface Conflict {
  /** What it is about. `removal`: one device removed the record while another edited it. */
  readonly about: 'field' | 'title' | 'time' | 'removal'
  /** The field's name, for `field`. */
  readonly field?: string
  /** Two sides or more, the one that is shown first. */
  readonly values: readonly ConflictValue[]
}

/** A property that a person wrote over what the record came with. */
export interface Edited {
  readonly about: 'field' | 'title' | 'time'
  readonly field?: string
  readonly device?: DeviceId
  readonly at: Milliseconds
}

/** A record as the vault shows it: what came in, with a person's edits over it. */
export interface VaultRecord {
  readonly id: RecordId
  readonly collection: string
  readonly title: string
  /** ISO 8601, a date or an instant. */
  readonly time?: string
  readonly fields: { readonly [name: string]: FieldValue }
  readonly provenance: Provenance
  /** What a person wrote over it; absent when nothing. */
  readonly edited?: readonly Edited[]
  /** What devices disagree about; absent when nothing. */
  readonly conflicts?: readonly Conflict[]
}

/** A record with what devices disagree about. */
export interface ConflictedRecord {
  readonly id: RecordId
  readonly record: VaultRecord
  readonly conflicts: readonly Conflict[]
}

/** A record without edits: the draft it came as, and its provenance. */
export interface BaseRecord {
  readonly draft: RecordDraft
  readonly provenance: Provenance
}

/** Names the device of a Yjs client id. */
export type DeviceOf = (client: number) => DeviceId | undefined

/** The record with its edits, or `undefined` when a person removed it. */
export function composeRecord(
  id: RecordId,
  { draft, provenance }: BaseRecord,
  { registers, deviceOf }: { readonly registers: Registers; readonly deviceOf: DeviceOf },
): VaultRecord | undefined {
  const removal = removalOf(registers)
  if (removal.isRemoved) return undefined
  const fields = new Map(Object.entries(draft.fields))
  const own: OwnProperties =
    draft.time === undefined ? { title: draft.title } : { title: draft.title, time: draft.time }
  const edited: Edited[] = []
  const conflicts: Conflict[] = []
  // In the order of names, so that every device shows the same whatever arrived first.
  const sorted = [...registers].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [property, register] of sorted) {
    const about = aboutOf(property)
    const values = distinctValues(presentSlots(register))
    const [shown] = values
    if (!about || !shown) continue
    write({ fields, own }, about, shown.value)
    edited.push({ ...about, ...deviceFor(shown, deviceOf), at: shown.at })
    if (values.length > 1) conflicts.push({ ...about, values: values.map((slot) => sideOf(slot, deviceOf)) })
  }
  if (removal.removals.length > 0) conflicts.push(removalConflict(removal, deviceOf))
  return {
    id,
    collection: draft.collection,
    ...own,
    fields: Object.fromEntries(fields),
    provenance,
    ...(edited.length > 0 && { edited }),
    ...(conflicts.length > 0 && { conflicts }),
  }
}

interface OwnProperties {
  title: string
  time?: string
}

/** Puts an edit over what the record came with. A title or time that is no text is none. */
function write(
  { fields, own }: { readonly fields: Map<string, FieldValue>; readonly own: OwnProperties },
  { about, field }: About,
  value: FieldValue | undefined,
): void {
  if (field !== undefined) {
    if (value === undefined) fields.delete(field)
    else fields.set(field, value)
    return
  }
  if (typeof value === 'string') own[about === 'title' ? 'title' : 'time'] = value
  else if (about === 'time') delete own.time
}

function removalConflict({ unseen, removals }: Removal, deviceOf: DeviceOf): Conflict {
  // One device may have written several at the same time: their names decide, so that every device shows one order.
  const kept = [...unseen].sort((a, b) => b.at - a.at || b.client - a.client || (a.id < b.id ? -1 : 1))
  const sides = [...kept, ...removals.map(({ value: _true, ...slot }) => slot)]
  return { about: 'removal', values: sides.map((slot) => sideOf(slot, deviceOf)) }
}

/** True when something about the record waits for a person's decision. */
export function hasConflict(registers: Registers): boolean {
  if ([...registers.values()].some((register) => isInConflict(register))) return true
  const { isRemoved, removals } = removalOf(registers)
  return removals.length > 0 && !isRemoved
}

/** What was typed in as a new record, or `undefined` when these registers are edits of an imported one. */
export function typedBase(registers: Registers): BaseRecord | undefined {
  const [shown] = distinctValues(presentSlots(registers.get('@record')))
  const value = shown?.value
  if (!shown || !isNamed(value)) return undefined
  const { collection, title, time, fields } = value
  if (typeof collection !== 'string' || typeof title !== 'string' || !isNamed(fields)) return undefined
  const draft = { collection, title, fields, ...(typeof time === 'string' && { time }) }
  return { draft, provenance: { assurance: 'typed', at: shown.at } }
}

function isNamed(value: unknown): value is { readonly [name: string]: FieldValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isFieldValue(value)
}

interface About {
  readonly about: 'field' | 'title' | 'time'
  readonly field?: string
}

function aboutOf(property: Property): About | undefined {
  if (property === '@title') return { about: 'title' }
  if (property === '@time') return { about: 'time' }
  return property.startsWith('=') ? { about: 'field', field: property.slice(1) } : undefined
}

function sideOf(slot: Slot, deviceOf: DeviceOf): ConflictValue {
  const value = slot.value === undefined ? {} : { value: slot.value }
  return { ...value, ...deviceFor(slot, deviceOf), at: slot.at }
}

function deviceFor({ client }: Slot, deviceOf: DeviceOf): { device?: DeviceId } {
  const device = deviceOf(client)
  return device === undefined ? {} : { device }
}
