import { MunimentError, type Store } from '@muniment/interface'
import { describe, expect, it } from 'vitest'
import {
  type Actor,
  allOf,
  hand,
  meet,
  newDevice,
  newFamily,
  newStore,
  nth,
  payment,
  payments,
  startDevice,
} from './support/actors.ts'

/** Everything that a device's log still opens, as text. */
async function readable({ log }: Actor): Promise<string> {
  const texts: string[] = []
  for (const device of Object.keys(log.seen())) {
    for (const { body } of await allOf(log.entries(device)))
      if (body) texts.push(Buffer.from(body).toString('latin1'))
  }
  return texts.join('\n')
}

/** A disk that is cut off after so many commits, as power is. */
function cutOffAfter(store: Store, commits: number): Store {
  let left = commits
  const orCut = async (work: () => Promise<void>): Promise<void> => {
    if (left-- <= 0) throw new MunimentError('ERR_STORE_CLOSED', 'the power is gone')
    await work()
  }
  return {
    get: (table, key) => store.get(table, key),
    list: (table, range) => store.list(table, range),
    listNames: (table, options) => store.listNames(table, options),
    commit: (changes) => orCut(() => store.commit(changes)),
    purge: () => orCut(() => store.purge()),
    close: async () => undefined,
  }
}

describe('erasing an import', () => {
  it('takes it, the edits of its records and its name from the device, and nothing else', async () => {
    const ann = await newDevice(newFamily())
    const kept = await ann.vault.addImport(payments(30), { file: 'kept.ofx' })
    const { importId } = await ann.vault.addImport([payment(900), payment(901)], { file: 'shameful.ofx' })
    const titled = async (text: string) =>
      nth(
        (await allOf(ann.vault.records())).filter(({ title }) => title === text),
        0,
      )
    const { id } = await titled('Bakery 7')
    const secret = await titled('Bakery 900')
    await ann.vault.edit(secret.id, { fields: { label: 'never again' } })
    await ann.vault.edit(id, { fields: { label: 'stays' } })
    await ann.vault.searchTitles('bakery')

    const erasure = await ann.vault.eraseImport(importId)
    expect(erasure).toMatchObject({ importId, records: 2, device: ann.id, doneBy: [ann.id] })
    const [dropped] = await allOf(ann.vault.droppedEntries(0))
    const erased = (await allOf(ann.log.entries(ann.id))).filter(({ why }) => why === 'erased')
    expect(erased).toHaveLength(2)
    expect(dropped?.entries).toEqual({ [ann.id]: erased.map(({ seq }) => seq) })
    expect(await readable(ann)).not.toContain('never again')
    expect(await readable(ann)).not.toContain('shameful.ofx')
    expect(await readable(ann)).toContain('stays')
    expect(await ann.vault.record(secret.id)).toBeUndefined()
    expect(ann.vault.imports().map((each) => each.importId)).toEqual([kept.importId])
    expect(ann.vault.count).toBe(30)
    for (const table of ['vault/imports', 'vault/segments', 'vault/titles', 'vault/fingerprints'])
      expect(await allOf(ann.store.listNames(table))).toHaveLength(1)
    expect(await ann.vault.addImport([payment(900)])).toMatchObject({ imported: 1 })
  })

  it('reaches a device that was away, which says when it is done', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const { importId } = await laptop.vault.addImport(payments(10))
    await meet(laptop, phone)
    const { id } = nth(await allOf(phone.vault.records()), 0)
    await laptop.vault.eraseImport(importId)
    // The phone has heard of nothing, and edits what is gone.
    await phone.vault.edit(id, { fields: { label: 'typed on the train' } })
    expect(laptop.vault.erasures()).toMatchObject([{ doneBy: [laptop.id] }])

    await meet(laptop, phone)
    await phone.vault.tidied()
    await meet(laptop, phone)
    await laptop.vault.tidied()
    for (const device of [laptop, phone]) {
      expect(device.vault.count).toBe(0)
      expect(await readable(device)).not.toContain('typed on the train')
      expect(device.vault.erasures()[0]?.doneBy.toSorted()).toEqual([laptop.id, phone.id].toSorted())
    }
  })

  it('takes what a device that has not heard of it still sends, and never hears from again', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const { importId } = await laptop.vault.addImport(payments(10))
    await meet(laptop, phone)
    const { id } = nth(await allOf(phone.vault.records()), 0)
    await laptop.vault.eraseImport(importId)
    await phone.vault.edit(id, { fields: { label: 'typed on the train' } })
    await hand(phone, laptop)
    await laptop.vault.tidied()
    expect(await readable(laptop)).not.toContain('typed on the train')
  })

  it('leaves nothing for a newcomer, and tables made anew show the same', async () => {
    const family = newFamily()
    const [laptop, tablet] = [await newDevice(family), await newDevice(family)]
    const { importId } = await laptop.vault.addImport(payments(10))
    await laptop.vault.addImport([payment(500)])
    await laptop.vault.eraseImport(importId)
    await hand(laptop, tablet)
    await tablet.vault.tidied()
    expect(tablet.vault.count).toBe(1)
    expect(tablet.vault.quarantine()).toEqual([])
    await laptop.vault.close()
    await laptop.store.commit([{ table: 'vault/meta', key: 'version', value: undefined }])
    const again = await laptop.restart()
    expect(await allOf(again.vault.records())).toEqual(await allOf(tablet.vault.records()))
    expect(again.vault.quarantine()).toEqual([])
    expect(again.vault.erasures()).toMatchObject([{ importId }])
  })

  it('is possible after it was only taken back, and asked twice is once', async () => {
    const ann = await newDevice(newFamily())
    const { importId } = await ann.vault.addImport(payments(10), { file: 'bank.ofx' })
    await ann.vault.undoImport(importId)
    expect(await readable(ann)).toContain('bank.ofx')
    await ann.vault.eraseImport(importId)
    expect(await readable(ann)).not.toContain('bank.ofx')
    await ann.vault.eraseImport(importId)
    expect(ann.vault.erasures()).toHaveLength(1)
    await expect(ann.vault.eraseImport('AAAAAAAAAAAAAAAAAAAAAA')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    })
  })

  it('that was cut off anywhere is brought to its end at the next opening', async () => {
    for (let commits = 0; commits < 14; commits++) {
      const family = newFamily()
      const store = await newStore()
      const ann = await newDevice(family, store)
      const { importId } = await ann.vault.addImport(payments(10), { file: 'secret.ofx' })
      await ann.vault.close()
      const cut = await startDevice(family, ann.keyPair, cutOffAfter(store, commits))
      await cut.vault.eraseImport(importId).catch(() => undefined)
      await cut.vault.close().catch(() => undefined)
      const again = await startDevice(family, ann.keyPair, store)
      await again.vault.tidied()
      const isAsked = again.vault.erasures().length > 0
      expect(again.vault.count).toBe(isAsked ? 0 : 10)
      expect((await readable(again)).includes('secret.ofx')).toBe(!isAsked)
      if (!isAsked) continue
      expect(again.vault.erasures()).toMatchObject([{ doneBy: [ann.id] }])
      const told = await allOf(again.vault.droppedEntries(0))
      expect(told.flatMap(({ entries }) => entries[ann.id] ?? []).length).toBeGreaterThan(0)
    }
  })
})
