import type { DeviceId, FieldValue } from '@muniment/interface'
import * as v from 'valibot'
import type { Catalogue } from './catalogue.ts'
import { isFieldValue } from './check-draft.ts'
import type { Meta } from './meta.ts'
import { typedBase } from './record.ts'
import { recordId } from './record-id.ts'
import { presentSlots, type Registers } from './register.ts'
import type { Shards } from './shards.ts'
import type { Slot } from './slot.ts'
import type { VaultInit } from './vault.ts'

/** The row of the tables that holds the edits which may have lost their record. */
const STRANDED = 'stranded'

/** What this device wrote over a record of a device whose log is about to be cut. */
interface StrandedEdit {
  readonly id: string
  readonly collection: string
  readonly title?: string
  readonly time?: string
  readonly fields: { readonly [name: string]: FieldValue }
}

const strandedSchema = v.array(
  v.strictObject({
    id: v.string(),
    collection: v.string(),
    title: v.exactOptional(v.string()),
    time: v.exactOptional(v.string()),
    fields: v.custom<StrandedEdit['fields']>(isFieldValue),
  }),
)

interface Scene {
  readonly catalogue: Catalogue
  readonly shards: Shards
  /** This device's client id. */
  readonly client: number
  /** The devices whose logs count less far than they were taken in. */
  readonly cut: ReadonlySet<DeviceId>
}

async function editsAtRisk(scene: Scene): Promise<readonly StrandedEdit[]> {
  const { catalogue, shards, cut } = scene
  const found: StrandedEdit[] = []
  for (const { id } of catalogue.shards.values()) {
    const segment = catalogue.segments.get(id)
    if (segment && !cut.has(segment.device)) continue
    const shard = await shards.open(id)
    for (const index of shard.indices()) {
      const registers = shard.registers(index)
      const collection = segment?.collection ?? collectionOfCut(registers, scene)
      const own = ownEdit(registers, scene)
      if (own && collection !== undefined) found.push({ id: recordId(id, index), collection, ...own })
    }
  }
  return found
}

/** The collection of a record that a device typed in which is cut. */
function collectionOfCut(registers: Registers, { catalogue, cut }: Scene): string | undefined {
  const [base] = presentSlots(registers.get('@record'))
  const device = base && catalogue.deviceOf(base.client)
  return device !== undefined && cut.has(device) ? typedBase(registers)?.draft.collection : undefined
}

/** What this device wrote over a record last, and nobody who stays replaced. */
function ownEdit(
  registers: Registers,
  { catalogue, client, cut }: Scene,
): Pick<StrandedEdit, 'title' | 'time' | 'fields'> | undefined {
  const stays = (slot: Slot): boolean => !cut.has(catalogue.deviceOf(slot.client) ?? '')
  const values = new Map<string, FieldValue>()
  for (const [property, register] of registers) {
    const own = register.get(client)
    if (own?.value === undefined || property === '@record' || property === '@removed') continue
    const isReplaced = [...register.values()].some((slot) => stays(slot) && slot.seen.includes(own.id))
    if (!isReplaced) values.set(property, own.value)
  }
  if (values.size === 0) return undefined
  const [title, time] = [values.get('@title'), values.get('@time')]
  const fields = [...values].filter(([property]) => property.startsWith('='))
  return {
    fields: Object.fromEntries(fields.map(([property, value]) => [property.slice(1), value])),
    ...(typeof title === 'string' && { title }),
    ...(typeof time === 'string' && { time }),
  }
}

/**
 * Notes what this device wrote over records of devices that are cut, before it is known which of the records stay. The
 * note reaches the disk before the tables are made anew.
 */
export async function noteEditsAtRisk(
  meta: Meta,
  { device, clientIdOf }: VaultInit,
  scene: Omit<Scene, 'client'>,
): Promise<void> {
  const client = clientIdOf(device)
  if (client === undefined || scene.cut.has(device)) return
  const edits = [...(await strandedEdits(meta)), ...(await editsAtRisk({ ...scene, client }))]
  if (edits.length > 0)
    meta.putMeta(
      STRANDED,
      Array.from(edits, (edit) => ({ ...edit })),
    )
}

/** What waits to be rescued. */
export async function strandedEdits(meta: Meta): Promise<readonly StrandedEdit[]> {
  const row = await meta.getMeta(STRANDED)
  return row === undefined ? [] : v.parse(strandedSchema, row)
}

/** Nothing waits any more. */
export function strandedDone(meta: Meta): void {
  meta.putMeta(STRANDED, undefined)
}
