import { MunimentError, type RecordDraft, type Store } from '@muniment/interface'
import { describe, expect, it } from 'vitest'
import {
  allOf,
  hand,
  meet,
  newDevice,
  newFamily,
  newStore,
  nth,
  payment,
  payments,
  recordOf,
  startDevice,
} from './support/actors.ts'

describe('importing', () => {
  it('a file comes in whole, each record with its provenance, on every device', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const result = await laptop.vault.addImport(payments(5000), { file: 'march.ofx', format: 'ofx' })
    await hand(laptop, phone)

    expect(result).toMatchObject({ imported: 5000, duplicates: 0 })
    expect(phone.vault.imports()).toMatchObject([
      { importId: result.importId, imported: 5000, device: laptop.id, provenance: { file: 'march.ofx' } },
    ])
    const records = await allOf(phone.vault.records())
    expect(records).toHaveLength(5000)
    expect(records).toEqual(await allOf(laptop.vault.records()))
    expect(await recordOf(phone, nth(records, 7).id)).toMatchObject({
      provenance: {
        assurance: 'imported',
        importId: result.importId,
        file: 'march.ofx',
        format: 'ofx',
        place: expect.stringMatching(/^line /),
      },
    })
  })

  it('the same file again adds nothing, and a line three times in one file is three records', async () => {
    const ann = await newDevice(newFamily())
    const coffee = payment(1)
    const file = [coffee, coffee, coffee, payment(2)]
    expect(await ann.vault.addImport(file)).toMatchObject({ imported: 4, duplicates: 0 })
    expect(await ann.vault.addImport([file])).toMatchObject({ imported: 0, duplicates: 4 })
    expect(await ann.vault.addImport([...file, coffee])).toMatchObject({ imported: 1, duplicates: 4 })
    expect(ann.vault.count).toBe(5)
    expect(ann.vault.imports()).toHaveLength(2)
  })

  it('the place in the file does not make a record another one, and a caller may say what does', async () => {
    const ann = await newDevice(newFamily())
    await ann.vault.addImport([payment(1)])
    expect(await ann.vault.addImport([{ ...payment(1), place: 'line 99' }])).toMatchObject({ duplicates: 1 })
    const renamed = { ...payment(1), title: 'BAKERY LTD' }
    const fingerprint = {
      version: 'reference/1',
      of: (draft: RecordDraft) => draft.fields['reference'] ?? null,
    }
    expect(await ann.vault.addImport([renamed], { fingerprint })).toMatchObject({ duplicates: 1 })
    expect(await ann.vault.addImport([renamed])).toMatchObject({ imported: 1 })
  })

  it('a phone that received an import recognises the same file', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    await laptop.vault.addImport(payments(100))
    await hand(laptop, phone)
    expect(await phone.vault.addImport(payments(101))).toMatchObject({ imported: 1, duplicates: 100 })
  })

  it('an import taken back is gone everywhere with its edits, and may come again', async () => {
    const family = newFamily()
    const [laptop, phone] = [await newDevice(family), await newDevice(family)]
    const { importId } = await laptop.vault.addImport(payments(10))
    await hand(laptop, phone)
    const { id } = nth(await allOf(phone.vault.records()), 0)
    await phone.vault.edit(id, { fields: { label: 'food' } })
    await meet(laptop, phone)

    await phone.vault.undoImport(importId)
    await meet(laptop, phone)

    for (const device of [laptop, phone]) {
      expect(await allOf(device.vault.records())).toEqual([])
      expect(device.vault.imports()).toEqual([])
      expect(device.vault.count).toBe(0)
      expect(await device.vault.record(id)).toBeUndefined()
    }
    await expect(laptop.vault.undoImport(importId)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(await laptop.vault.addImport(payments(10))).toMatchObject({ imported: 10, duplicates: 0 })
  })

  it('an import that was given up leaves nothing', async () => {
    const ann = await newDevice(newFamily())
    const giveUp = new AbortController()
    const drafts = async function* () {
      for (let batch = 0; ; batch++) {
        if (batch === 30) giveUp.abort()
        yield payments(1000)
      }
    }
    const { signal } = giveUp
    await expect(ann.vault.addImport(drafts(), { signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(ann.vault.count).toBe(0)
    expect(ann.vault.imports()).toEqual([])
    expect(await ann.vault.addImport(payments(10))).toMatchObject({ imported: 10 })
  })

  it('records too fat for one segment are split, and one too fat for any is refused with all its file', async () => {
    const ann = await newDevice(newFamily())
    const noise = (bytes: number): string =>
      Array.from({ length: bytes }, () => Math.floor(Math.random() * 36).toString(36)).join('')
    const fat = Array.from({ length: 60 }, (_, n) => ({ ...payment(n), fields: { text: noise(8000) } }))
    await ann.vault.addImport(fat)
    const records = await allOf(ann.vault.records())
    expect(new Set(records.map(({ title }) => title)).size).toBe(60)
    expect(new Set(records.map(({ fields }) => fields['text']))).toEqual(
      new Set(fat.map((draft) => draft.fields.text)),
    )

    const tooFat = { ...payment(1), fields: { text: noise(120_000) } }
    await expect(ann.vault.addImport([payment(100), tooFat])).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    expect(ann.vault.count).toBe(60)
  })

  it('what an organisation certified says so, and is kept beside an equal import', async () => {
    const ann = await newDevice(newFamily())
    await ann.vault.addImport([payment(1)])
    await ann.vault.addReceived([payment(1)], {
      assurance: 'certified',
      organisation: 'did:web:bank.example',
    })
    const records = await allOf(ann.vault.records())
    expect(records.map(({ provenance }) => provenance.assurance).sort()).toEqual(['certified', 'imported'])
  })

  it('progress tells how far it is', async () => {
    const ann = await newDevice(newFamily())
    const told: number[] = []
    await ann.vault.addImport(payments(1200), { onProgress: ({ imported }) => told.push(imported) })
    expect(told).toEqual([500, 1000, 1200])
  })

  it('a crash or a full disk at any commit leaves the whole import or nothing, and no way to lose the next', async () => {
    const family = newFamily()
    let isWhole = false
    for (let survives = 0; !isWhole; survives++) {
      const store = await newStore()
      const ann = await newDevice(family, store)
      await ann.vault.create({ collection: 'note', title: 'before', fields: {} })
      await ann.vault.settled()
      const broken = await startDevice(family, ann.keyPair, failingAfter(store, survives + 1)).catch(
        () => undefined,
      )
      const outcome = await broken?.vault.addImport(bigFile()).catch((error: unknown) => error)

      const after = await startDevice(family, ann.keyPair, store)
      isWhole = after.vault.imports().length === 1
      expect(after.vault.collections().get('bank-transaction') ?? 0).toBe(isWhole ? 900 : 0)
      if (!isWhole) expect(outcome instanceof MunimentError || !broken).toBe(true)
      const again = await after.vault.addImport(bigFile())
      expect(again).toMatchObject(
        isWhole ? { imported: 0, duplicates: 900 } : { imported: 900, duplicates: 0 },
      )
      expect(after.vault.collections()).toEqual(
        new Map([
          ['bank-transaction', 900],
          ['note', 1],
        ]),
      )
      expect(survives).toBeLessThan(30)
    }
  })
})

/** 900 records that need several appends. */
function bigFile(): RecordDraft[] {
  return Array.from({ length: 900 }, (_, n) => {
    const { fields, ...draft } = payment(n)
    const noise = Array.from({ length: 60 }, (_, at) => ((n * 7919 + at * 104729) % 977).toString(36)).join(
      '',
    )
    return { ...draft, fields: { ...fields, text: `${n}`.repeat(10) + noise } }
  })
}

/** A disk that takes so many commits and then no more. */
function failingAfter(store: Store, commits: number): Store {
  let left = commits
  return {
    get: (table, key) => store.get(table, key),
    list: (table, range) => store.list(table, range),
    listNames: (table) => store.listNames(table),
    async commit(changes) {
      if (left-- <= 0) throw new MunimentError('ERR_STORE_FULL', 'the disk is full')
      await store.commit(changes)
    },
    purge: () => store.purge(),
    close: () => store.close(),
  }
}
