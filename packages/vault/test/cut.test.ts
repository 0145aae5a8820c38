import { expect, it } from 'vitest'
import { unsafeTestingCuts } from '../../log/test/support/actors.ts'
import { type Actor, allOf, hand, meet, newDevice, newFamily, payments } from './support/actors.ts'

async function titlesOf({ vault }: Actor): Promise<string[]> {
  const records = await allOf(vault.records())
  return records.map(({ title }) => title).toSorted()
}

it('what a removed device wrote after its removal goes out of sight everywhere, and comes back if the removal was void', async () => {
  const family = newFamily()
  const [laptop, phone, tablet] = [await newDevice(family), await newDevice(family), await newDevice(family)]
  const will = await tablet.vault.create({ collection: 'note', title: 'Will', fields: { heir: 'nobody' } })
  await tablet.vault.settled()
  const cut = tablet.log.heads()[tablet.id]?.seq ?? 0
  await meet(tablet, phone)
  await phone.vault.edit(will, { fields: { place: 'drawer' } })
  await tablet.vault.edit(will, { fields: { heir: 'Mallory' } })
  await tablet.vault.create({ collection: 'note', title: 'stolen', fields: {} })
  await tablet.vault.addImport(payments(3))
  for (const device of [laptop, phone]) await hand(tablet, device)
  await meet(laptop, phone)
  expect(await titlesOf(laptop)).toHaveLength(5)

  const seen: string[] = []
  laptop.vault.observe(({ collection }) => collection !== undefined && seen.push(collection))
  family.cuts.cut(tablet.id, cut)
  for (const device of [laptop, phone]) {
    await device.vault.settled()
    expect(await titlesOf(device)).toEqual(['Will'])
    expect((await device.vault.record(will))?.fields).toEqual({ heir: 'nobody', place: 'drawer' })
    expect(device.vault.imports()).toEqual([])
    const refused = device.vault.quarantine()
    expect(refused.map(({ kind }) => kind)).toEqual(['shard', 'shard', 'segment', 'settings'])
    expect(refused.every(({ problems }) => problems[0]?.code === 'removed')).toBe(true)
  }
  expect(new Set(seen)).toEqual(new Set(['note', 'bank-transaction']))
  const again = await laptop.restart()
  expect(await titlesOf(again)).toEqual(['Will'])
  expect(again.vault.quarantine()).toHaveLength(4)

  family.cuts.lift(tablet.id)
  await phone.vault.settled()
  expect(await titlesOf(phone)).toHaveLength(5)
  expect(phone.vault.quarantine()).toEqual([])
})

it('what the phone wrote over a record that is refused now stays in sight, as a record of its own, once', async () => {
  const family = newFamily()
  const [laptop, phone, tablet] = [await newDevice(family), await newDevice(family), await newDevice(family)]
  const kept = await tablet.vault.create({ collection: 'note', title: 'Rent', fields: {} })
  await tablet.vault.settled()
  const cut = tablet.log.heads()[tablet.id]?.seq ?? 0
  const refused = await tablet.vault.create({ collection: 'note', title: 'Trip', fields: { to: 'Rome' } })
  await tablet.vault.addImport(payments(2))
  await meet(tablet, phone)
  const [payment] = await allOf(phone.vault.records({ collection: 'bank-transaction' }))
  await phone.vault.edit(kept, { fields: { paid: true } })
  await phone.vault.edit(refused, { title: 'Our trip', fields: { with: 'Carol' } })
  await phone.vault.edit(payment?.id ?? '', { fields: { label: 'bread' } })
  await meet(phone, laptop)
  await hand(tablet, laptop)
  family.cuts.cut(tablet.id, cut)
  for (const device of [phone, laptop, phone]) await device.vault.settled()
  const again = await phone.restart()
  await again.vault.settled()
  await meet(again, laptop)
  for (const device of [again, laptop]) {
    expect(await titlesOf(device)).toEqual(['Our trip', 'Rent', payment?.id].toSorted())
    const records = await allOf(device.vault.records())
    const fields = new Map(records.map((record) => [record.title, record.fields]))
    expect(fields.get('Rent')).toEqual({ paid: true })
    expect(fields.get('Our trip')).toEqual({ with: 'Carol', insteadOf: refused })
    expect(fields.get(payment?.id ?? '')).toEqual({ label: 'bread', insteadOf: payment?.id })
  }
})

it('what two devices wrote over the same refused record stays in sight from both, whoever heard of the removal first', async () => {
  const family = newFamily()
  const own = { ...family, members: new Set<string>() }
  const late = { ...own, cuts: unsafeTestingCuts(own.members) }
  const [phone, tablet] = [await newDevice(family), await newDevice(family)]
  const laptop = await newDevice(late)
  for (const { members } of [family, late]) for (const { id } of [phone, tablet, laptop]) members.add(id)
  const trip = await tablet.vault.create({ collection: 'note', title: 'Trip', fields: {} })
  for (const device of [laptop, phone]) await hand(tablet, device)
  await laptop.vault.edit(trip, { title: 'By laptop' })
  await phone.vault.edit(trip, { title: 'By phone' })
  family.cuts.cut(tablet.id, 0)
  await phone.vault.settled()
  await hand(phone, laptop)
  late.cuts.cut(tablet.id, 0)
  for (let round = 0; round < 2; round++) await meet(phone, laptop)
  for (const device of [phone, laptop]) expect(await titlesOf(device)).toEqual(['By laptop', 'By phone'])
})
