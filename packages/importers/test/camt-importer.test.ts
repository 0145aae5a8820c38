import { describe, expect, test } from 'vitest'
import { MAX_DETAILS } from '@muniment/importers'
import { camt, readAll } from './reading.ts'

const entry = (amount: string, indicator: string, more = ''): string =>
  `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${indicator}</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt><AcctSvcrRef>R1</AcctSvcrRef>${more}</Ntry>`

const payment = (amount: string, name: string): string =>
  `<TxDtls><Refs><EndToEndId>E-${name}</EndToEndId></Refs><Amt Ccy="EUR">${amount}</Amt>
<RltdPties><Cdtr><Nm>${name}</Nm></Cdtr></RltdPties></TxDtls>`

describe('a CAMT.053 statement', () => {
  test('Alice finds who she paid, when, why and from which account', async () => {
    const { drafts, report } = await readAll(
      camt(
        entry(
          '42.10',
          'DBIT',
          `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><MndtId>M-7</MndtId></Refs>
<RltdPties><Dbtr><Nm>Alice</Nm></Dbtr><Cdtr><Nm>Énergie Bleue</Nm></Cdtr>
<CdtrAcct><Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id></CdtrAcct></RltdPties>
<RltdAgts><CdtrAgt><FinInstnId><BIC>BYLADEM1001</BIC></FinInstnId></CdtrAgt></RltdAgts>
<RmtInf><Ustrd>Facture 12</Ustrd><Ustrd>mars</Ustrd></RmtInf></TxDtls></NtryDtls>`,
        ),
      ),
    )
    expect(drafts).toEqual([
      {
        collection: 'bank-transaction',
        title: 'Énergie Bleue',
        time: '2026-03-02',
        place: 'transaction 1, line 7',
        fields: {
          account: 'FR1420041010050500013M02606',
          amount: '-42.10',
          currency: 'EUR',
          bookingDate: '2026-03-02',
          valueDate: '2026-03-03',
          status: 'booked',
          kind: 'PMNT-ICDT-ESCT',
          bankReference: 'R1',
          counterparty: 'Énergie Bleue',
          counterpartyAccount: 'DE02120300000000202051',
          counterpartyBank: 'BYLADEM1001',
          reference: 'Facture 12 mars',
          mandate: 'M-7',
        },
      },
    ])
    expect(report).toMatchObject({
      format: 'camt.053',
      records: 1,
      skipped: [],
      unknown: [],
      total: { EUR: '-42.10' },
    })
  })

  test('balances are stated, and are no transactions', async () => {
    const { report } = await readAll(camt(''))
    expect(report).toMatchObject({ records: 0, total: {}, skipped: [] })
    expect(report.balances.map(({ type, amount }) => [type, amount])).toEqual([
      ['OPBD', '500.00'],
      ['CLBD', '-20.00'],
    ])
  })

  test('the indicator alone gives the sign, also of a reversal, whose parties change places', async () => {
    const parties =
      '<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Alice</Nm></Dbtr><Cdtr><Nm>Gym</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>'
    const { drafts, report } = await readAll(
      camt(entry('10', 'DBIT', parties) + entry('10', 'CRDT', `<RvslInd>true</RvslInd>${parties}`)),
    )
    expect(drafts.map(({ title, fields }) => [title, fields['amount'], fields['reversal']])).toEqual([
      ['Gym', '-10', undefined],
      ['Gym', '10', true],
    ])
    expect(report.total).toEqual({ EUR: '0' })
  })

  test("a batch is one record with the entry's amount and its payments as details", async () => {
    const batch = `<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>${payment('1.10', 'Bob')}${payment('2.20', 'Carol')}</NtryDtls>`
    const { drafts, report } = await readAll(camt(entry('3.30', 'DBIT', batch)))
    expect(report.total).toEqual({ EUR: '-3.30' })
    expect(drafts[0]).toMatchObject({
      title: 'Batch of 2 payments',
      fields: { amount: '-3.30', payments: 2 },
    })
    expect(drafts[0]?.fields['details']).toEqual([
      { amount: '-1.10', currency: 'EUR', counterparty: 'Bob', endToEndId: 'E-Bob' },
      { amount: '-2.20', currency: 'EUR', counterparty: 'Carol', endToEndId: 'E-Carol' },
    ])
  })

  test('of a batch of 20,000 payments the first are kept, and the report says how many are not', async () => {
    const batch = `<NtryDtls>${payment('1', 'Bob').repeat(20_000)}</NtryDtls>`
    const { drafts, report } = await readAll(camt(entry('20000', 'DBIT', batch)))
    expect(drafts[0]?.fields).toMatchObject({ amount: '-20000', payments: 20_000 })
    expect(drafts[0]?.fields['details']).toHaveLength(MAX_DETAILS)
    expect(report.skipped[0]?.reason).toBe('19800 of the 20000 payments in this batch were left out')
  })

  test('zero, five decimals and a comma are amounts; a sign, a missing indicator or a word is not', async () => {
    const read = async (amount: string, indicator = 'DBIT'): Promise<unknown> => {
      const { drafts, report } = await readAll(camt(entry(amount, indicator)))
      return drafts.at(0)?.fields['amount'] ?? report.skipped[0]?.reason
    }
    expect(await read('0')).toBe('0')
    expect(await read('0.00')).toBe('0.00')
    expect(await read('18.12345')).toBe('-18.12345')
    expect(await read('12,5')).toBe('-12.5')
    expect(await read('-5')).toBe('its amount has a sign of its own beside CdtDbtInd')
    expect(await read('5', '')).toBe('it does not say credit or debit (CdtDbtInd)')
    expect(await read('five')).toBe('the amount is not a number')
  })

  test('several statements keep their own accounts, and their currencies their own totals', async () => {
    const second = `<Stmt><Id>S2</Id><Acct><Id><Othr><Id>12-345</Id></Othr></Id></Acct>${entry('7', 'CRDT').replace('EUR', 'CHF')}</Stmt>`
    const { drafts, report } = await readAll(
      camt(entry('1.5', 'DBIT')).replace('</Stmt>', `</Stmt>${second}`),
    )
    expect(drafts.map(({ fields }) => fields['account'])).toEqual(['FR1420041010050500013M02606', '12-345'])
    expect(report.total).toEqual({ EUR: '-1.5', CHF: '7' })
  })

  test('versions, prefixes and wrappers differ; the records do not', async () => {
    const old = await readAll(camt(entry('1', 'DBIT')))
    const modern = camt(entry('1', 'DBIT').replace('<Sts>BOOK</Sts>', '<Sts><Cd>BOOK</Cd></Sts>'), '13')
    const prefixed = modern.replaceAll(/<(\/?)(?=[A-Z])/g, '<$1n:').replace('xmlns=', 'xmlns:n=')
    const wrapped = modern
      .replace('<Document', '<Envelope><AppHdr/><Document')
      .replace('</Document>', '</Document></Envelope>')
    for (const text of [modern, prefixed, wrapped]) expect((await readAll(text)).drafts).toEqual(old.drafts)
  })

  test('a notification without dates is dated by the message, and no day is invented in its fields', async () => {
    const text = camt(entry('1', 'DBIT').replace(/<BookgDt>[^]*<\/ValDt>/, ''))
      .replaceAll('BkToCstmrStmt', 'BkToCstmrDbtCdtNtfctn')
      .replaceAll(/(<\/?)Stmt>/g, '$1Ntfctn>')
      .replace('camt.053', 'camt.054')
    const { drafts, report } = await readAll(text)
    expect(report.format).toBe('camt.054')
    expect(drafts[0]?.time).toBe('2026-04-01T06:00:00+02:00')
    expect(drafts[0]?.fields).not.toHaveProperty('bookingDate')
  })

  test('what was ordered in another currency is kept beside what was booked', async () => {
    const exchange = `<AmtDtls><InstdAmt><Amt Ccy="USD">100.00</Amt><CcyXchg><SrcCcy>USD</SrcCcy><XchgRate>0.91</XchgRate></CcyXchg></InstdAmt></AmtDtls>`
    const { drafts } = await readAll(camt(entry('91', 'DBIT', exchange)))
    expect(drafts[0]?.fields).toMatchObject({
      originalAmount: '100.00',
      originalCurrency: 'USD',
      exchangeRate: '0.91',
    })
  })

  test('a date that does not exist is reported and the entry kept', async () => {
    const { drafts, report } = await readAll(camt(entry('1', 'DBIT').replace('2026-03-02', '2026-02-30')))
    expect(drafts[0]?.fields).toMatchObject({ valueDate: '2026-03-03' })
    expect(report.skipped).toHaveLength(1)
  })

  test('an element of no schema is named in the report', async () => {
    expect((await readAll(camt(entry('1', 'DBIT', '<BankSpecial>1</BankSpecial>')))).report.unknown).toEqual([
      'BankSpecial',
    ])
  })
})
