import { MunimentError } from '@muniment/interface'
import type { Actions, JsonObject, JsonValue } from '../../control/actions.ts'
import { object, optionalNumber, optionalText, text } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked of the vault's records. */
export function recordActions(vault: PersonVault): Actions {
  const changes = (parameters: JsonObject): { fields: Readonly<Record<string, string>> } => ({
    fields: Object.fromEntries(
      Object.entries(object(parameters, 'fields')).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value ?? null),
      ]),
    ),
  })
  return {
    async records(parameters) {
      const collection = optionalText(parameters, 'collection')
      const limit = optionalNumber(parameters, 'limit') ?? 50
      const records: JsonValue[] = []
      for await (const record of vault.records({ limit, ...(collection !== undefined && { collection }) })) {
        records.push(toJson({ ...record, assurance: record.provenance.assurance }))
      }
      return { records }
    },
    async record(parameters) {
      const record = await vault.record(text(parameters, 'id'))
      if (!record) throw new MunimentError('ERR_NOT_FOUND', 'there is no record of this id')
      return toJson(record)
    },
    async search(parameters) {
      const found = await vault.search(text(parameters, 'text'))
      return { records: found.map((record) => toJson({ ...record, assurance: record.provenance.assurance })) }
    },
    async note(parameters) {
      return { id: await vault.note(text(parameters, 'title'), changes(parameters).fields) }
    },
    async edit(parameters) {
      await vault.edit(text(parameters, 'id'), changes(parameters))
      return { edited: true }
    },
    async conflicts() {
      const conflicts: JsonValue[] = []
      for await (const { id, conflicts: all } of vault.conflicts()) {
        for (const { about, field, values } of all)
          conflicts.push(toJson({ id, field: field ?? about, values }))
      }
      return { conflicts }
    },
    async settle(parameters) {
      const field = text(parameters, 'field')
      await vault.settle(text(parameters, 'id'), { fields: { [field]: text(parameters, 'value') } })
      return { settled: true }
    },
  }
}
