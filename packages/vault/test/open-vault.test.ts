import { describe, expect, it } from 'vitest'
import {
  allOf,
  hand,
  meet,
  newDevice,
  newFamily,
  nth,
  payment,
  payments,
  recordOf,
} from './support/actors.ts'

describe('what a person types in', () => {
  it('Ann types a note, edits it, and finds both after a restart', async () => {
    const ann = await newDevice(newFamily())
    const id = await ann.vault.create({ collection: 'note', title: 'Rent', fields: { amount: '900.00' } })
    await ann.vault.edit(id, { fields: { amount: '920.00', paid: true } })
    await ann.vault.close()

    const again = await ann.restart()

    expect(await recordOf(again, id)).toMatchObject({
      title: 'Rent',
      fields: { amount: '920.00', paid: true },
      provenance: { assurance: 'typed' },
    })
  })

  it('a restart without a clean end loses nothing that was acknowledged', async () => {
    const ann = await newDevice(newFamily())
    const ids = await Promise.all(
      [1, 2, 3].map((n) => ann.vault.create({ collection: 'note', title: `Note ${n}`, fields: {} })),
    )

    const again = await ann.restart()

    expect(new Set(ids).size).toBe(3)
    expect([...again.vault.collections()]).toEqual([['note', 3]])
  })

  it('a full shard rolls over to the next', async () => {
    const ann = await newDevice(newFamily())
    const ids = await Promise.all(
      Array.from({ length: 2003 }, (_, n) =>
        ann.vault.create({ collection: 'note', title: `${n}`, fields: {} }),
      ),
    )
    const shards = new Set(ids.map((id) => id.split('.')[0]))

    expect(shards.size).toBe(2)
    expect(ann.vault.count).toBe(2003)
  })

  it('edits of different fields on two devices merge', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const id = await laptop.vault.create({ collection: 'note', title: 'Rent', fields: { amount: '900.00' } })
    await hand(laptop, phone)

    await laptop.vault.edit(id, { fields: { amount: '920.00' } })
    await phone.vault.edit(id, { fields: { label: 'home' } })
    await meet(laptop, phone)

    const record = await recordOf(laptop, id)
    expect(record).toEqual(await recordOf(phone, id))
    expect(record.fields).toEqual({ amount: '920.00', label: 'home' })
    expect(record.conflicts).toBeUndefined()
  })

  it('a concurrent edit of one field is shown with both values and who wrote them, until a person settles it', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    await laptop.vault.addImport([payment(1)])
    await hand(laptop, phone)
    const { id } = nth(await allOf(laptop.vault.records()), 0)

    await laptop.vault.edit(id, { fields: { label: 'food' } })
    await phone.vault.edit(id, { fields: { label: 'bread' } })
    await meet(laptop, phone)

    const { conflicts } = nth(await allOf(phone.vault.conflicts()), 0)
    expect(conflicts).toEqual([
      {
        about: 'field',
        field: 'label',
        values: expect.arrayContaining([
          { value: 'food', device: laptop.id, at: expect.any(Number) },
          { value: 'bread', device: phone.id, at: expect.any(Number) },
        ]),
      },
    ])
    await phone.vault.edit(id, { fields: { label: 'cake' } })
    expect(await allOf(phone.vault.conflicts())).toHaveLength(1)

    await phone.vault.settle(id, { fields: { label: 'food and bread' } })
    await meet(laptop, phone)

    for (const device of [laptop, phone]) {
      expect((await recordOf(device, id)).fields['label']).toBe('food and bread')
      expect(await allOf(device.vault.conflicts())).toEqual([])
    }
  })

  it('a record removed on one device and edited on the other stays in sight until a person decides', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const id = await laptop.vault.create({ collection: 'note', title: 'Rent', fields: {} })
    await hand(laptop, phone)

    await laptop.vault.remove(id)
    expect(await laptop.vault.record(id)).toBeUndefined()
    expect(laptop.vault.count).toBe(0)
    await phone.vault.edit(id, { fields: { amount: '1.00' } })
    await meet(laptop, phone)

    expect((await recordOf(laptop, id)).conflicts).toMatchObject([{ about: 'removal' }])
    await laptop.vault.remove(id)
    await meet(laptop, phone)
    expect(await phone.vault.record(id)).toBeUndefined()
    await phone.vault.restore(id)
    await meet(laptop, phone)
    expect((await recordOf(laptop, id)).fields).toEqual({ amount: '1.00' })
  })

  it('settings and ledger entries reach the other device', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    await laptop.vault.putSetting('relationship/council', { did: 'did:peer:2x' })
    const address = await laptop.vault.appendLedger({ relationship: 'council', body: new Uint8Array([1, 2]) })
    await laptop.vault.appendLedger({ relationship: 'bank', body: new Uint8Array([3]) })
    await hand(laptop, phone)

    expect(await phone.vault.getSetting('relationship/council')).toEqual({ did: 'did:peer:2x' })
    expect([...(await phone.vault.settings('relationship/')).keys()]).toEqual(['relationship/council'])
    expect(await allOf(phone.vault.ledger('council'))).toEqual([
      { relationship: 'council', body: new Uint8Array([1, 2]), address },
    ])
    expect(await allOf(phone.vault.ledger())).toHaveLength(2)
  })

  it('an observer hears of edits from here and from afar', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const heard: unknown[] = []
    phone.vault.observe((event) => heard.push(event))
    const id = await laptop.vault.create({ collection: 'note', title: 'Rent', fields: {} })
    await hand(laptop, phone)
    await phone.vault.putSetting('theme', 'dark')

    expect(heard).toEqual([{ collection: 'note', ids: [id] }, { settings: ['theme'] }])
  })

  it('records come by time, a page after the other, without time last', async () => {
    const ann = await newDevice(newFamily())
    await ann.vault.addImport(payments(30))
    await ann.vault.addImport([payment(31), payment(4, '1.00')])
    await ann.vault.create({ collection: 'note', title: 'undated', fields: {} })
    await ann.vault.create({ collection: 'note', title: 'last year', time: '2030-01-01', fields: {} })

    const all = await allOf(ann.vault.records())
    const first = await allOf(ann.vault.records({ limit: 10 }))
    const second = await allOf(ann.vault.records({ limit: 100, after: nth(first, 9).id }))

    expect([...first, ...second]).toEqual(all)
    expect(all).toHaveLength(34)
    expect(nth(all, 0).title).toBe('last year')
    expect(nth(all, 33).title).toBe('undated')
    const times = all.slice(0, 33).map(({ time }) => time ?? '')
    expect(times).toEqual([...times].sort().reverse())
    const oldest = await allOf(
      ann.vault.records({ newestFirst: false, limit: 2, collection: 'bank-transaction' }),
    )
    expect(oldest.map(({ title }) => title)).toEqual(['Bakery 0', 'Bakery 1'])
  })

  it('titles are found without their accents and case, also new ones', async () => {
    const ann = await newDevice(newFamily())
    await ann.vault.addImport([{ collection: 'note', title: 'Café Zoé à Orléans', fields: {} }, payment(1)])
    const hit = nth(await ann.vault.searchTitles('orleans CAFE'), 0)
    expect(hit.title).toBe('Café Zoé à Orléans')

    await ann.vault.edit(hit.id, { title: 'Théâtre' })

    expect(await ann.vault.searchTitles('orleans')).toEqual([])
    expect(await ann.vault.searchTitles('theatre')).toMatchObject([{ title: 'Théâtre' }])
  })

  it('entries wait for a data key that has not arrived', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const id = await laptop.vault.create({ collection: 'note', title: 'Rent', fields: {} })
    const entries = await allOf(laptop.log.entries(laptop.id))
    const key = entries.findLast((entry) => entry.kind === 'shard')?.key ?? ''
    family.keys.hidden.add(key)
    await hand(laptop, phone)
    expect(await phone.vault.record(id)).toBeUndefined()

    family.keys.hidden.delete(key)
    await phone.vault.keysChanged()

    expect(await recordOf(phone, id)).toMatchObject({ title: 'Rent' })
  })

  it('what is too large is refused before anything is written', async () => {
    const ann = await newDevice(newFamily())
    const text = 'x'.repeat(70_000)
    await expect(
      ann.vault.create({ collection: 'note', title: 'a', fields: { text } }),
    ).rejects.toMatchObject({
      code: 'ERR_TOO_LARGE',
    })
    const id = await ann.vault.create({ collection: 'note', title: 'b', fields: {} })
    await ann.vault.edit(id, { fields: { text: 'short' } })
    expect(ann.vault.quarantine()).toEqual([])
    expect((await recordOf(ann, id)).fields).toEqual({ text: 'short' })
  })
})
