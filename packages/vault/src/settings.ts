import type { FieldValue } from '@muniment/interface'
import { checkFieldValue, checkName } from './check-draft.ts'
import type { VaultCore } from './core.ts'
import { distinctValues, presentSlots, seenBy } from './register.ts'
import { SETTINGS_SHARD } from './settings-shard.ts'
import type { Property } from './slot.ts'
import type { WriteEdit } from './write-edits.ts'

/** Settings stand where the fields of a record would, all in one record. */
const INDEX = 0

/** All settings whose name begins so. Of concurrent values the latest is shown, on all devices the same. */
export async function readSettings(
  core: VaultCore,
  prefix: string,
): Promise<ReadonlyMap<string, FieldValue>> {
  const shard = await core.shards.open(SETTINGS_SHARD)
  const settings = new Map<string, FieldValue>()
  for (const [property, register] of shard.registers(INDEX)) {
    const name = property.slice(1)
    const [shown] = distinctValues(presentSlots(register))
    if (name.startsWith(prefix) && shown?.value !== undefined) settings.set(name, shown.value)
  }
  return settings
}

/** One setting. */
export async function readSetting(core: VaultCore, name: string): Promise<FieldValue | undefined> {
  const shard = await core.shards.open(SETTINGS_SHARD)
  return distinctValues(presentSlots(shard.registers(INDEX).get(`=${name}`)))[0]?.value
}

/** Writes one setting over all values in sight. */
export async function writeSetting(
  core: VaultCore,
  write: WriteEdit,
  { name, value }: { readonly name: string; readonly value: FieldValue | undefined },
): Promise<void> {
  checkName(name)
  if (value !== undefined) checkFieldValue(value)
  const property: Property = `=${name}`
  await write(async (client) => {
    const shard = await core.shards.open(SETTINGS_SHARD)
    const seen = seenBy(shard.registers(INDEX).get(property), client, true)
    return { shard: SETTINGS_SHARD, writes: [{ index: INDEX, property, seen, value }], result: undefined }
  })
}
