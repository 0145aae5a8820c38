import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type ImportReport, readImport } from '@muniment/importers'
import type { RecordDraft } from '@muniment/interface'
import { describe, expect, test } from 'vitest'
import { sampleFiles } from './samples.ts'

async function imported(path: string): Promise<{ drafts: RecordDraft[]; report: ImportReport }> {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(await readFile(path))
  }
  const reading = await readImport(bytes(), { fileName: basename(path) })
  const drafts: RecordDraft[] = []
  for await (const batch of reading) drafts.push(...batch)
  return { drafts, report: reading.report() }
}

/** In hundred-thousandths, counted without the importer's own arithmetic. */
function count(texts: Iterable<string>): bigint {
  let sum = 0n
  for (const text of texts) {
    const [whole = '', fraction = ''] = text.replace(/^[-+]/, '').split('.')
    const digits = BigInt(whole + fraction.padEnd(5, '0'))
    sum += text.startsWith('-') ? -digits : digits
  }
  return sum
}

const matches = (text: string, form: RegExp): string[] =>
  [...text.matchAll(form)].flatMap((match) => match.slice(1, 2))

describe('OFX files that banks and converters wrote', () => {
  test('every one imports whole: each TRNAMT is one record, and the totals are their sum', async () => {
    const paths = sampleFiles('bank', '.ofx')
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) {
      const text = await readFile(path, 'utf8')
      const amounts = matches(text, /<TRNAMT>\s*([^<\s]+)/g)
      const { drafts, report } = await imported(path)
      expect(drafts, basename(path)).toHaveLength(amounts.length)
      expect(report, basename(path)).toMatchObject({ format: 'ofx', skipped: [], unknown: [] })
      expect(count(Object.values(report.total))).toBe(count(amounts))
      for (const { title, time, fields } of drafts) {
        expect(title).not.toBe('')
        expect(time).toMatch(/^\d{4}-\d\d-\d\d/)
        expect(fields).toMatchObject({ account: expect.any(String), bankReference: expect.any(String) })
      }
    }
  })
})

describe('CAMT files that banks wrote', () => {
  test('every one imports whole: each Ntry is one record with its own sign, each Bal a balance', async () => {
    const paths = sampleFiles('camt', '.xml')
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) {
      const text = await readFile(path, 'utf8')
      const entries = matches(text, /<Ntry>([^]*?)<\/Ntry>/g)
      const amounts = entries.map((entry) => {
        const amount = /<Amt Ccy="[A-Z]{3}">([\d.]+)<\/Amt>\s*<CdtDbtInd>(CRDT|DBIT)/.exec(entry)
        return `${amount?.[2] === 'DBIT' ? '-' : ''}${amount?.[1] ?? ''}`
      })
      const { drafts, report } = await imported(path)
      expect(drafts, basename(path)).toHaveLength(entries.length)
      expect(report, basename(path)).toMatchObject({ skipped: [], unknown: [] })
      expect(report.format).toBe(/xsd:(camt\.05[234])/.exec(text)?.[1])
      expect(report.balances).toHaveLength(matches(text, /<(Bal)>/g).length)
      expect(count(Object.values(report.total))).toBe(count(amounts))
      expect(
        drafts.map(({ fields }) => count(typeof fields['amount'] === 'string' ? [fields['amount']] : [])),
      ).toEqual(amounts.map((each) => count([each])))
    }
  })
})

describe('other files of the same folders', () => {
  test('a table of a bank is not taken for one of these formats', async () => {
    for (const path of sampleFiles('bank', '.csv')) {
      await expect(imported(path), basename(path)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    }
  })
})
