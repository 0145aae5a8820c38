import type { LogEntry } from '@muniment/log'
import { expect, test } from 'vitest'
import { type Actor, allOf, newDevice, newFamily, payments } from './support/actors.ts'

const sealedBy = async ({ log, id }: Actor): Promise<LogEntry[]> =>
  (await allOf(log.entries(id))).filter(({ key }) => key !== undefined)
const keysOf = async (actor: Actor): Promise<Set<string | undefined>> =>
  new Set((await sealedBy(actor)).map(({ key }) => key))

test('what is written after a removal is sealed with no key from before, whatever is edited or brought in', async () => {
  const family = newFamily()
  const ann = await newDevice(family)
  const note = await ann.vault.create({ collection: 'note', title: 'Rent', fields: { amount: '900.00' } })
  await ann.vault.addImport(payments(3))
  await ann.vault.putSetting('language', 'en')
  const undone = await ann.vault.addImport(payments(5))
  await ann.vault.edit(note, { fields: { amount: '910.00' } })
  const [before, count] = [await keysOf(ann), (await sealedBy(ann)).length]

  family.keys.endGeneration()
  await ann.vault.edit(note, { fields: { amount: '920.00' } })
  await ann.vault.edit(note, { fields: { amount: '930.00' } })
  await ann.vault.create({ collection: 'note', title: 'Gas', fields: { amount: '50.00' } })
  await ann.vault.addImport(payments(7))
  await ann.vault.undoImport(undone.importId)
  await ann.vault.appendLedger({ relationship: 'did:example:landlord', body: new Uint8Array([1]) })
  await ann.vault.putSetting('language', 'fr')

  const after = (await sealedBy(ann)).slice(count)
  expect(after.length).toBeGreaterThan(5)
  for (const { key } of after) expect(before.has(key)).toBe(false)
  const [first, second] = after
  expect(second?.key).toBe(first?.key)
})
