import { describe, expect, test } from 'vitest'
import { readAll, sgml } from './reading.ts'

const line = (fields: string): string => sgml(`<STMTTRN>${fields}</STMTTRN>`)

describe('a bank statement in OFX 1, whose values have no end tags', () => {
  test('Alice finds each line with its amount, day, payee and account', async () => {
    const { drafts, report } = await readAll(
      sgml(`<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260302<TRNAMT>-12.50<FITID>A1<NAME>Boulangerie<MEMO>CB 01/03
</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260305<TRNAMT>+1800.00<FITID>A2<CHECKNUM><NAME>Employer &amp; Co</STMTTRN>`),
    )
    expect(drafts).toEqual([
      {
        collection: 'bank-transaction',
        title: 'Boulangerie',
        time: '2026-03-02',
        place: 'transaction 1, line 9',
        fields: {
          account: 'FR76-1',
          bank: '30003',
          accountType: 'CHECKING',
          amount: '-12.50',
          currency: 'EUR',
          bookingDate: '2026-03-02',
          counterparty: 'Boulangerie',
          reference: 'CB 01/03',
          kind: 'DEBIT',
          status: 'booked',
          bankReference: 'A1',
        },
      },
      expect.objectContaining({ title: 'Employer & Co', place: 'transaction 2, line 11' }),
    ])
    expect(report).toMatchObject({
      format: 'ofx',
      records: 2,
      skipped: [],
      unknown: [],
      total: { EUR: '1787.50' },
    })
    expect(report.balances).toEqual([
      { account: 'FR76-1', type: 'ledger', amount: '1000.00', currency: 'EUR', date: '2026-03-31' },
    ])
  })

  test('the same lines with end tags and an XML head are the same records', async () => {
    const values = '<TRNTYPE>DEBIT<DTPOSTED>20260302<TRNAMT>-12.50<FITID>A1<NAME>Boulangerie'
    const closed = values.replaceAll(/<(\w+)>([^<]*)/g, '<$1>$2</$1>')
    const xml = sgml(
      `<STMTTRN>${closed}</STMTTRN>`,
      '<?xml version="1.0"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n\n\n\n',
    )
    expect((await readAll(xml)).drafts).toEqual((await readAll(line(values))).drafts)
  })

  test('a value that is empty and not closed does not swallow the next one', async () => {
    const { drafts } = await readAll(line('<DTPOSTED>20260302<TRNAMT>-1<FITID>1<NAME><MEMO>Only a memo'))
    expect(drafts[0]).toMatchObject({ title: 'Only a memo', fields: { reference: 'Only a memo' } })
  })

  test('a line whose end tag is missing ends where the next one begins', async () => {
    const { drafts } = await readAll(
      sgml(
        '<STMTTRN><DTPOSTED>20260302<TRNAMT>-1<FITID>1\n<STMTTRN><DTPOSTED>20260303<TRNAMT>-2<FITID>2</STMTTRN>',
      ),
    )
    expect(drafts.map((draft) => draft.fields['amount'])).toEqual(['-1', '-2'])
  })

  test('a name with an ampersand, a smaller-than sign or markup in CDATA stays as the bank wrote it', async () => {
    const name = async (text: string): Promise<unknown> =>
      (await readAll(line(`<DTPOSTED>20260302<TRNAMT>-1<NAME>${text}</NAME>`))).drafts[0]?.title
    expect(await name('AT&T')).toBe('AT&T')
    expect(await name('a < b')).toBe('a < b')
    expect(await name('R&amp;D &#233;t&#xE9;')).toBe('R&D été')
    expect(await name('&amp;lt;b')).toBe('&lt;b')
    expect(await name('<![CDATA[Bob & <Sons>]]>')).toBe('Bob & <Sons>')
  })
})

describe('amounts', () => {
  const amount = async (text: string): Promise<unknown> => {
    const { drafts, report } = await readAll(line(`<DTPOSTED>20260302<TRNAMT>${text}<FITID>1`))
    return drafts[0]?.fields['amount'] ?? report.skipped[0]?.reason
  }

  test('a comma may begin the decimals', async () => {
    expect(await amount('-1234,56')).toBe('-1234.56')
    expect(await amount(',5')).toBe('0.5')
    expect(await amount('+007.10')).toBe('7.10')
  })

  test('an amount that could mean two things is skipped and reported, never guessed', async () => {
    for (const text of [
      '1,234.56',
      '1.234,56',
      '1 234,56',
      '1,234',
      '12e3',
      '$5',
      '(5.00)',
      '5.00-',
      '--5',
      '.',
      '１２',
    ]) {
      expect(await amount(text), text).toMatch(/^the (amount|comma)/)
    }
    expect(await amount('')).toBe('it has no amount (TRNAMT)')
    expect(await amount('9'.repeat(33))).toBe('the amount has too many digits')
  })

  test('a dinar has three decimals, so its comma is not ambiguous', async () => {
    const text = line('<DTPOSTED>20260302<TRNAMT>-1,234').replace('EUR', 'TND')
    expect((await readAll(text)).report.total).toEqual({ TND: '-1.234' })
  })

  test('totals are exact where floats are not', async () => {
    const lines = Array.from(
      { length: 10 },
      () => '<STMTTRN><DTPOSTED>20260302<TRNAMT>0.1<FITID>1</STMTTRN>',
    ).join('')
    const big = '<STMTTRN><DTPOSTED>20260302<TRNAMT>90071992547409930.01<FITID>2</STMTTRN>'
    expect((await readAll(sgml(lines + big))).report.total).toEqual({ EUR: '90071992547409931.01' })
  })
})

describe('currencies', () => {
  test('CURRENCY says what the amount is in; ORIGCURRENCY what it was before the bank converted it', async () => {
    const { drafts, report } = await readAll(
      sgml(`<STMTTRN><DTPOSTED>20260302<TRNAMT>-10.00<FITID>1<CURRENCY><CURRATE>0.92<CURSYM>USD</CURRENCY></STMTTRN>
<STMTTRN><DTPOSTED>20260302<TRNAMT>-20.00<FITID>2<ORIGCURRENCY><CURRATE>1.17<CURSYM>GBP</ORIGCURRENCY></STMTTRN>`),
    )
    expect(drafts[0]?.fields).toMatchObject({ currency: 'USD', exchangeRate: '0.92' })
    expect(drafts[1]?.fields).toMatchObject({
      currency: 'EUR',
      originalCurrency: 'GBP',
      exchangeRate: '1.17',
    })
    expect(report.total).toEqual({ USD: '-10.00', EUR: '-20.00' })
  })

  test('two statements in one file keep their own currency and account', async () => {
    const card = `<CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>chf<CCACCTFROM><ACCTID>4970</CCACCTFROM><BANKTRANLIST>
<STMTTRN><DTPOSTED>20260303<TRNAMT>-7.00<FITID>9</STMTTRN></BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>`
    const { drafts } = await readAll(line('<DTPOSTED>20260302<TRNAMT>-1').replace('</OFX>', card))
    expect(
      drafts.map(({ fields }) => [fields['account'], fields['currency'], fields['accountType']]),
    ).toEqual([
      ['FR76-1', 'EUR', 'CHECKING'],
      ['4970', 'CHF', undefined],
    ])
  })

  test('a file that states no currency says so with XXX', async () => {
    const { report } = await readAll(line('<DTPOSTED>20260302<TRNAMT>-1').replace('<CURDEF>EUR', ''))
    expect(report.total).toEqual({ XXX: '-1' })
  })
})

describe('dates', () => {
  const dates = async (text: string): Promise<unknown> => {
    const { drafts, report } = await readAll(line(`<DTPOSTED>${text}<TRNAMT>-1`))
    const draft = drafts.at(0)
    return draft === undefined ? report.skipped[0]?.reason : [draft.fields['bookingDate'], draft.time]
  }

  test('the day is the one on the statement, whatever the zone', async () => {
    expect(await dates('20260302')).toEqual(['2026-03-02', '2026-03-02'])
    expect(await dates('20260302000000[-5:EST]')).toEqual(['2026-03-02', '2026-03-02'])
    expect(await dates('20260302233000.000[-5:EST]')).toEqual(['2026-03-02', '2026-03-02T23:30:00-05:00'])
    expect(await dates('20260302120000[+5.5:IST]')).toEqual(['2026-03-02', '2026-03-02T12:00:00+05:30'])
    expect(await dates('20260302120000[-3.50]')).toEqual(['2026-03-02', '2026-03-02T12:00:00-03:30'])
    expect(await dates('202603021230')).toEqual(['2026-03-02', '2026-03-02T12:30:00Z'])
    expect(await dates('20260302120000[0:GMT]')).toEqual(['2026-03-02', '2026-03-02T12:00:00Z'])
    expect(await dates('20260302120000[CET]')).toEqual(['2026-03-02', '2026-03-02'])
  })

  test('a day that does not exist is reported', async () => {
    expect(await dates('20260230')).toBe('the date names a day that does not exist')
    expect(await dates('02/03/2026')).toBe('the date is not written as YYYYMMDD')
  })

  test('a line without DTPOSTED takes the day the person acted, and without any it is reported', async () => {
    const acted = await readAll(line('<DTUSER>20260301<TRNAMT>-1'))
    expect(acted.drafts[0]?.time).toBe('2026-03-01')
    const { drafts, report } = await readAll(line('<TRNAMT>-1<FITID>1'))
    expect(drafts).toEqual([])
    expect(report.skipped).toEqual([{ where: 'transaction 1, line 9', reason: 'it has no date (DTPOSTED)' }])
  })
})

describe('other statements', () => {
  test("a broker's cash lines are records, its trades are reported", async () => {
    const text = `<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20260331<CURDEF>USD
<INVACCTFROM><BROKERID>b.example<ACCTID>77</INVACCTFROM><INVTRANLIST><DTSTART>20260301<DTEND>20260331
<BUYSTOCK><INVBUY><INVTRAN><FITID>1<DTTRADE>20260302</INVTRAN><UNITS>1<TOTAL>-50</INVBUY><BUYTYPE>BUY</BUYSTOCK>
<INVBANKTRAN><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260303<TRNAMT>100.00<FITID>2<NAME>Deposit</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>
</INVTRANLIST></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>`
    const { drafts, report } = await readAll(text)
    expect(drafts.map(({ title, fields }) => [title, fields['account'], fields['bank']])).toEqual([
      ['Deposit', '77', 'b.example'],
    ])
    expect(report.skipped).toEqual([
      { where: 'line 3', reason: 'a transaction of the kind BUYSTOCK makes no bank record' },
    ])
    expect(report.unknown).toEqual([])
  })

  test("a bank's own elements are named in the report, and the line is still read", async () => {
    const { drafts, report } = await readAll(line('<DTPOSTED>20260302<TRNAMT>-1<INTU.BID>3000<NAME>Bob'))
    expect(drafts[0]?.title).toBe('Bob')
    expect(report.unknown).toEqual(['INTU.BID'])
  })

  test('a pending line is marked so', async () => {
    const text = line('<TRNTYPE>DEBIT<DTTRAN>20260302<TRNAMT>-3<NAME>Hotel').replaceAll(
      'STMTTRN>',
      'STMTTRNP>',
    )
    expect((await readAll(text)).drafts[0]?.fields).toMatchObject({
      status: 'pending',
      transactionDate: '2026-03-02',
    })
  })

  test('an answer that is an error is reported', async () => {
    const { report } = await readAll(
      '<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR</STATUS></SONRS></SIGNONMSGSRSV1></OFX>',
    )
    expect(report.skipped).toEqual([
      { where: 'line 1', reason: 'the bank reports an error in place of a part: 15500' },
    ])
  })
})
