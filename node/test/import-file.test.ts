import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_FILE_BYTES } from '@muniment/importers'
import type { RecordDraft } from '@muniment/interface'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { camtStatement, ofxStatement } from '../src/demo/bank-statement.ts'
import { type FileImport, importFile, reportFiles } from '../src/importers/index.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'muniment-import-'))))
afterAll(() => rm(folder, { recursive: true }))

async function saved(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function takeAll(file: FileImport): Promise<RecordDraft[]> {
  const drafts: RecordDraft[] = []
  for await (const draft of file.drafts()) drafts.push(draft)
  return drafts
}

describe('a file is read in a process of its own', () => {
  test('Alice imports 2,000 lines, sees how far it is, and both formats say the same of her money', async () => {
    const options = { seed: 7, transactions: 2000 }
    const seen: number[] = []
    const ofx = await importFile(await saved('alice.ofx', ofxStatement(options)), {
      onProgress: ({ bytes, size }) => seen.push(bytes / size),
    })
    const drafts = await takeAll(ofx)
    const camt = await importFile(await saved('alice.xml', camtStatement(options)))
    const same = await takeAll(camt)
    expect([ofx.format, camt.format]).toEqual(['ofx', 'camt.053'])
    const facts = ({ title, time, fields }: RecordDraft): unknown => [
      title,
      time,
      fields['amount'],
      fields['reference'],
    ]
    expect(drafts.map(facts)).toEqual(same.map(facts))
    expect(drafts).toHaveLength(2000)
    expect(ofx.report().total).toEqual(camt.report().total)
    expect(ofx.report()).toMatchObject({ skipped: [], unknown: [] })
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.at(-1)).toBe(1)
  })

  test('a CAMT file named .ofx is read as what it is', async () => {
    const file = await importFile(await saved('wrong-name.ofx', camtStatement({ seed: 1, transactions: 3 })))
    expect(file.format).toBe('camt.053')
    expect(await takeAll(file)).toHaveLength(3)
  })

  test('leaving the loop ends the process, and there is no report of what was not read', async () => {
    const file = await importFile(await saved('left.ofx', ofxStatement({ seed: 2, transactions: 3000 })))
    for await (const drafts of file.batches()) {
      expect(drafts.length).toBeGreaterThan(0)
      break
    }
    expect(() => file.report()).toThrow('once all records were read')
  })

  test('Alice cancels in the middle', async () => {
    const cancel = new AbortController()
    const path = await saved('cancelled.ofx', ofxStatement({ seed: 3, transactions: 3000 }))
    const file = await importFile(path, { signal: cancel.signal })
    const loop = async (): Promise<void> => {
      for await (const drafts of file.batches()) if (drafts.length > 0) cancel.abort()
    }
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await expect(importFile(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
  })

  test('an import that makes no progress is ended', async () => {
    const path = await saved('slow.ofx', ofxStatement({ seed: 4, transactions: 10 }))
    await expect(importFile(path, { stallTimeout: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })
})

describe('what is refused', () => {
  test('a file of 2 GB is refused by its size, before it is read', async () => {
    const path = join(folder, 'huge.ofx')
    const file = await open(path, 'w')
    await file.truncate(2 * 1024 ** 3)
    await file.close()
    const started = performance.now()
    await expect(importFile(path)).rejects.toMatchObject({
      code: 'ERR_TOO_LARGE',
      message: expect.stringContaining(String(MAX_FILE_BYTES)),
    })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('entities are refused, inside or outside', async () => {
    const camt = camtStatement({ seed: 5, transactions: 2 })
    const laughs = '<!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<Document'
    const outside = '<!DOCTYPE Document SYSTEM "file:///etc/passwd">\n<Document'
    for (const head of [laughs, outside]) {
      const file = await importFile(await saved('entities.xml', camt.replace('<Document', head)))
      await expect(takeAll(file)).rejects.toMatchObject({ code: 'ERR_MALFORMED' })
    }
  })

  test('a folder, a missing file, an empty one and one of another kind say so', async () => {
    await expect(importFile(folder)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await expect(importFile(join(folder, 'nowhere.ofx'))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(importFile(await saved('empty.ofx', ''))).rejects.toThrow('the file is empty')
    await expect(importFile(await saved('table.ofx', 'date;amount\n1;2\n'))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
    })
  })
})

describe('a dry run', () => {
  const options = { signal: new AbortController().signal, progress: () => undefined }

  test('the same line three times in one file is three records, and the file again is none', async () => {
    const statement = ofxStatement({ seed: 9, transactions: 1 })
    const line = /<STMTTRN>[^]*<\/STMTTRN>/.exec(statement)?.[0] ?? ''
    const thrice = await saved('thrice.ofx', statement.replace(line, line.repeat(3)))
    const { files } = await reportFiles([thrice, thrice, await saved('once.ofx', statement)], options)
    expect(files.map(({ imported, duplicates }) => [imported, duplicates])).toEqual([
      [3, 0],
      [0, 3],
      [0, 1],
    ])
  })

  test('a refused file says why, and the others are still read', async () => {
    const good = await saved('good.xml', camtStatement({ seed: 9, transactions: 4 }))
    const { files } = await reportFiles([await saved('empty.xml', ''), good], options)
    expect(files[0]).toMatchObject({ imported: 0, code: 'ERR_UNSUPPORTED', error: expect.any(String) })
    expect(files[1]).toMatchObject({ path: good, format: 'camt.053', imported: 4, skipped: [], unknown: [] })
  })
})
