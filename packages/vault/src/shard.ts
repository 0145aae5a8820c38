import {
  type Cryptography,
  type FieldValue,
  type Milliseconds,
  MunimentError,
  type Outcome,
  type Random,
} from '@muniment/interface'
import * as Y from 'yjs'
import { checkUpdate, FIELDS } from './check-update.ts'
import { MAX_EDIT_LENGTH, MAX_WRITES_PER_UPDATE } from './constants.ts'
import type { Register, Registers } from './register.ts'
import { encodeSlot, parseSlot, parseSlotKey, type Property, type Slot, slotKey } from './slot.ts'
import { openTrial } from './trial.ts'

/** What a shard needs of its surroundings. */
export interface ShardComponents {
  readonly cryptography: Cryptography
  readonly random: Random
}

/** One write to be made: what it is about, what it replaces, and the value (`undefined` takes the property away). */
export interface WriteDraft {
  readonly index: number
  readonly property: Property
  readonly seen: readonly string[]
  readonly value: FieldValue | undefined
}

/** What people typed or edited about at most 2,000 records: a Yjs document that only checked updates reach. */
export interface Shard {
  readonly id: string
  /** The registers of one record; empty for a record that nobody edited. */
  registers(index: number): Registers
  /** The records that were written about. */
  indices(): readonly number[]
  /**
   * Makes the update that writes these slots for `client`, without applying it: it counts once it is in the log and
   * `apply` got it. Several may be drafted one after the other. Throws `ERR_TOO_LARGE`.
   */
  draft(client: number, at: Milliseconds, writes: readonly WriteDraft[]): Uint8Array
  /** Gives up what was drafted and not applied. */
  dropDrafts(): void
  /** Checks an update of `client`, and applies it whole or not at all. */
  apply(client: number, update: Uint8Array): Outcome<{ slots: readonly Slot[] }>
  /** The whole document as one update (V2). */
  snapshot(): Uint8Array
}

/**
 * Opens a shard from its own earlier snapshot and updates, in their order. These come from this device's sealed store,
 * where they were put after the checks.
 */
export function openShard(
  components: ShardComponents,
  init: { readonly id: string; readonly snapshot?: Uint8Array; readonly updates?: readonly Uint8Array[] },
): Shard {
  const { cryptography } = components
  const document = new Y.Doc()
  for (const update of [init.snapshot, ...(init.updates ?? [])]) if (update) Y.applyUpdateV2(document, update)
  const records: Records = new Map()
  for (const [key, content] of document.getMap(FIELDS)) {
    const place = parseSlotKey(key)
    if (place && content instanceof Uint8Array) {
      put(records, parseSlot(cryptography, init.id, { place, content }))
    }
  }
  const trial = openTrial(document)
  return {
    id: init.id,
    registers: (index) => records.get(index) ?? new Map<Property, Register>(),
    indices: () => [...records.keys()],
    draft: (client, at, writes) => trial.draft(client, contentsOf(components, { client, at }, writes)),
    dropDrafts: () => trial.drop(),
    apply(client, update) {
      const checked = checkUpdate(document, client, update)
      if (!checked.ok) return checked
      const slots: Slot[] = []
      try {
        for (const write of checked.writes) slots.push(parseSlot(cryptography, init.id, write))
      } catch {
        return refused('slot_malformed', 'the update holds a value that is not one of a field')
      }
      if (!trial.accepts(client, update, checked.writes)) {
        return refused('update_failed', 'the update does not do what it says')
      }
      Y.applyUpdateV2(document, update)
      for (const slot of slots) put(records, slot)
      return { ok: true, slots }
    },
    snapshot: () => Y.encodeStateAsUpdateV2(document),
  }
}

type Records = Map<number, Map<Property, Map<number, Slot>>>

function put(records: Records, slot: Slot): void {
  const registers = records.get(slot.index) ?? new Map<Property, Map<number, Slot>>()
  records.set(slot.index, registers)
  const register = registers.get(slot.property) ?? new Map<number, Slot>()
  registers.set(slot.property, register)
  register.set(slot.client, slot)
}

/** The keys and values to write; throws `ERR_TOO_LARGE` before anything is drafted. */
function contentsOf(
  { random }: ShardComponents,
  { client, at }: { readonly client: number; readonly at: Milliseconds },
  writes: readonly WriteDraft[],
): readonly { readonly key: string; readonly content: Uint8Array }[] {
  if (writes.length > MAX_WRITES_PER_UPDATE) {
    throw new MunimentError('ERR_TOO_LARGE', `one edit changes ${MAX_WRITES_PER_UPDATE} fields at the most`)
  }
  const contents = writes.map(({ index, property, seen, value }) => ({
    key: slotKey({ index, property, client }),
    content: encodeSlot(random, { at, seen, value }),
  }))
  const size = contents.reduce((sum, { key, content }) => sum + 3 * key.length + content.length + 16, 0)
  if (size > MAX_EDIT_LENGTH) {
    throw new MunimentError('ERR_TOO_LARGE', `one edit has at most ${MAX_EDIT_LENGTH} bytes`)
  }
  return contents
}

function refused(code: string, message: string): Outcome<{ slots: readonly Slot[] }> {
  return { ok: false, problems: [{ code, message }] }
}
