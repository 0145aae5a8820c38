import { eachSeed, patience } from '@muniment/compliance'
import { isMunimentError } from '@muniment/interface'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintFields, importers, MAX_ROWS, readImport } from '@muniment/importers'
import { camt, inParts, readAll, sgml } from './reading.ts'

const LINES = `<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260302<TRNAMT>-12.50<FITID>A1<NAME>Café & Fils<MEMO>é</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260303120000[-5:EST]<TRNAMT>7,25<FITID>A2<NAME>Bob</STMTTRN>`
const ENTRIES = `<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>
<NtryDtls><TxDtls><RltdPties><Cdtr><Nm>Café &amp; Fils</Nm></Cdtr></RltdPties></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">7.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>`
const FILES = [sgml(LINES), camt(ENTRIES)]

describe('recognising a file', () => {
  const sniff = (text: string, name: string): string | undefined =>
    importers.sniff(new TextEncoder().encode(text), name)?.format

  test('content decides, never the name', () => {
    expect(sniff(camt(''), 'bank.ofx')).toBe('camt.053')
    expect(sniff(sgml(''), 'bank.xml')).toBe('ofx')
    expect(sniff('\ufeff<!-- made by us --><ofx>', 'x')).toBe('ofx')
    expect(sniff(sgml('<STMTTRN><MEMO>urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'), 'x')).toBe('ofx')
    expect(sniff(camt('').replace('BkToCstmrStmt', '!').replace('camt.053', 'pain.001'), 'x')).toBe(
      'camt.053',
    )
    expect(sniff('<html><body>Session expired</body></html>', 'bank.ofx')).toBeUndefined()
    expect(sniff('date;amount', 'bank.ofx')).toBeUndefined()
  })
})

describe('text that is not UTF-8', () => {
  const bytes = (text: string): Uint8Array =>
    Uint8Array.from(text, (letter) => (letter === '€' ? 0x80 : letter.charCodeAt(0)))
  const name = async (file: Uint8Array, size?: number): Promise<unknown> =>
    (await readAll(file, size === undefined ? {} : { size })).drafts[0]?.title
  const header = (lines: string): string => `OFXHEADER:100\nDATA:OFXSGML\n${lines}\n\n`
  const one = '<STMTTRN><DTPOSTED>20260302<TRNAMT>-1<NAME>«CAFÉ» Noël 5€</STMTTRN>'

  test('Latin-1 and Windows-1252 are read as declared, in OFX and in XML', async () => {
    const ofx = sgml(one, header('ENCODING:USASCII\nCHARSET:1252'))
    expect(await name(bytes(ofx))).toBe('«CAFÉ» Noël 5€')
    const xml = camt(ENTRIES).replace('UTF-8', 'ISO-8859-1')
    expect(await name(bytes(xml))).toBe('Café & Fils')
  })

  test('a wrong declaration is seen through, both ways', async () => {
    const utf8 = new TextEncoder().encode(sgml(one, header('ENCODING:USASCII\nCHARSET:1252')))
    expect(await name(utf8)).toBe('«CAFÉ» Noël 5€')
    expect(await name(bytes(sgml(one, header('ENCODING:UTF-8'))))).toBe('«CAFÉ» Noël 5€')
    expect(await name(bytes(sgml(one, '')))).toBe('«CAFÉ» Noël 5€')
  })

  test('a name that the bank cut inside a character costs only that character', async () => {
    const whole = new TextEncoder().encode(
      sgml('<STMTTRN><DTPOSTED>20260302<TRNAMT>-1<NAME>Noël Énergie é</STMTTRN>'),
    )
    const last = whole.lastIndexOf(0xa9)
    expect(await name(Uint8Array.from(whole.filter((_byte, at) => at !== last)))).toBe('Noël Énergie Ã')
  })

  test('characters cut between two parts are whole again', async () => {
    for (const size of [1, 2, 3, 7]) {
      expect(await name(new TextEncoder().encode(sgml(one)), size)).toBe('«CAFÉ» Noël 5€')
    }
  })

  test('UTF-16 is told by its mark', async () => {
    const text = `\ufeff${camt(ENTRIES)}`
    const wide = new Uint8Array(new Uint16Array(Array.from(text, (letter) => letter.charCodeAt(0))).buffer)
    expect(await name(wide)).toBe('Café & Fils')
  })

  test('control characters and turned text never reach a title', async () => {
    const { drafts } = await readAll(
      sgml('<STMTTRN><DTPOSTED>20260302<TRNAMT>-1<NAME>a\u001b[31mb\u202ec&#7;d</STMTTRN>'),
    )
    expect(drafts[0]?.title).toBe('a [31mb c d')
  })
})

describe('a damaged or hostile file', () => {
  test('a file cut at any place gives what was whole and says that the rest is missing', async () => {
    for (const file of FILES) {
      const whole = await readAll(file)
      const first = file.search(/<(STMTTRN|Ntry)>/)
      const end = file.trimEnd().length
      for (let cut = first; cut < end - 1; cut += 3) {
        const { drafts, report } = await readAll(file.slice(0, cut))
        expect(drafts).toEqual(whole.drafts.slice(0, drafts.length))
        expect(report.skipped.at(-1)?.reason, file.slice(0, cut)).toMatch(/^the file ends/)
        expect(report.skipped.at(-1)?.where).toMatch(/^(transaction \d, )?line \d+$/)
      }
    }
  })

  test('after an end tag that does not fit, nothing in XML is trusted', async () => {
    const { drafts, report } = await readAll(camt(ENTRIES).replace('</Nm></Cdtr>', '</Cdtr>'))
    expect(drafts).toEqual([])
    expect(report.skipped).toEqual([
      { where: 'transaction 1, line 7', reason: 'the XML is damaged in line 8; the rest was not read' },
    ])
  })

  test('a document type is refused in both formats, wherever it stands', async () => {
    const type = '<!DOCTYPE x [<!ENTITY e "boom">]>'
    for (const text of [
      `${type}${sgml(LINES)}`,
      camt(ENTRIES).replace('<Document', `${type}<Document`),
      camt(type),
    ]) {
      await expect(readAll(text)).rejects.toMatchObject({ code: 'ERR_MALFORMED' })
    }
    const { drafts } = await readAll(sgml('<STMTTRN><DTPOSTED>20260302<TRNAMT>-1<NAME>&e;</STMTTRN>'))
    expect(drafts[0]?.title).toBe('&e;')
  })

  test('endless nesting, tags, texts and rows are refused', async () => {
    const endless = [
      `<OFX>${'<A>'.repeat(100)}`,
      `<OFX><!--${'a'.repeat(2_000_000)}`,
      `<OFX><STMTTRN><NAME>${'a'.repeat(9_000_000)}`,
      camt(`<Ntry>${'<A/>'.repeat(60_000)}`),
      camt('<A>'.repeat(100)),
    ]
    for (const text of endless) await expect(readAll(text)).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    expect(MAX_ROWS).toBe(1_000_000)
  })

  test('names of the prototype are only names', async () => {
    const { report, drafts } = await readAll(
      camt(
        '<Ntry><__proto__>1</__proto__><constructor>2</constructor><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>',
      ),
    )
    expect(report.unknown).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(drafts[0]?.fields)).toBe(Object.prototype)
  })

  test('however a file is cut into parts, the records are the same', async () => {
    const wholes = await Promise.all(FILES.map((file) => readAll(file)))
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.nat(FILES.length - 1), fc.integer({ min: 1, max: 300 }), async (which, size) => {
          expect(await readAll(FILES[which] ?? '', { size })).toEqual(wholes[which])
        }),
        { numRuns: 100, seed },
      ),
    )
  })

  test(
    'a file with any bytes changed never crashes the importer and never gives a wrong kind of value',
    async () => {
      const sources = FILES.map((file) => new TextEncoder().encode(file))
      const edit = fc.record({
        at: fc.nat(),
        length: fc.nat(20),
        bytes: fc.oneof(
          fc.uint8Array({ maxLength: 8 }),
          fc
            .constantFrom(
              '<',
              '>',
              '</',
              '&',
              '<!',
              '<![CDATA[',
              '<!--',
              '<?',
              '/>',
              '"',
              '<Ntry>',
              '</STMTTRN>',
              '<STMTTRN>',
              '\0',
            )
            .map((text) => new TextEncoder().encode(text)),
        ),
      })
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...sources),
            fc.array(edit, { minLength: 1, maxLength: 6 }),
            async (source, edits) => {
              let bytes = source
              for (const { at, length, bytes: put } of edits) {
                const start = at % bytes.length
                bytes = Uint8Array.from([
                  ...bytes.subarray(0, start),
                  ...put,
                  ...bytes.subarray(start + length),
                ])
              }
              await neverCrashes(bytes)
            },
          ),
          { numRuns: 2000, seed },
        ),
      )
    },
    patience(20_000),
  )
})

async function neverCrashes(bytes: Uint8Array): Promise<void> {
  try {
    const reading = await readImport(inParts(bytes, 997), { fileName: 'x' })
    for await (const drafts of reading) {
      for (const { fields, time } of drafts) {
        expect(fields['amount']).toMatch(/^-?\d+(\.\d+)?$/)
        expect(fields['currency']).toMatch(/^[A-Z]{3}$/)
        if (time !== undefined) expect(time).toMatch(/^\d{4}-\d\d-\d\d/)
      }
    }
    for (const sum of Object.values(reading.report().total)) expect(sum).toMatch(/^-?\d+(\.\d+)?$/)
  } catch (error) {
    if (!isMunimentError(error)) throw error
  }
}

describe('telling records apart', () => {
  const draft = async (line: string): Promise<readonly (string | null)[]> => {
    const { drafts } = await readAll(sgml(`<STMTTRN>${line}</STMTTRN>`))
    expect(drafts).toHaveLength(1)
    return drafts.flatMap((found) => fingerprintFields(found))
  }

  test('the place in the file and the number of zeros do not matter; all else does', async () => {
    const line = '<DTPOSTED>20260302<TRNAMT>-12.50<FITID>A1<NAME>Bob<MEMO>rent'
    expect(await draft(line)).toEqual(await draft(`\n\n${line.replace('12.50', '12.5')}`))
    const others = [
      line.replace('A1', 'A2'),
      line.replace('12.50', '12.51'),
      line.replace('-12', '12'),
      line.replace('0302', '0303'),
      line.replace('Bob', 'Eve'),
      line.replace('rent', 'food'),
    ]
    for (const other of others) expect(await draft(other)).not.toEqual(await draft(line))
  })
})
