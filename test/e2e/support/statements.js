// A small bank statement, written here in both formats.

/** Four lines of one account; together -1234.56. */
export const LINES = [
  { id: 'a1', day: '2026-03-02', amount: '-45.90', title: 'Café des Fleurs' },
  { id: 'a2', day: '2026-03-05', amount: '-1200.00', title: 'Rent March' },
  { id: 'a3', day: '2026-03-09', amount: '12.00', title: 'Refund' },
  { id: 'a4', day: '2026-03-20', amount: '-0.66', title: 'Card fee' },
]

/** The lines in OFX 1.02, without closing tags as banks write it. */
export function ofx(lines, { encoding = 'UTF-8', charset = 'NONE' } = {}) {
  const transactions = lines.map(
    ({ id, day, amount, title }) =>
      `<STMTTRN>\n<TRNTYPE>OTHER\n<DTPOSTED>${day.replaceAll('-', '')}\n<TRNAMT>${amount}\n<FITID>${id}\n<NAME>${title}\n</STMTTRN>\n`,
  )
  return `OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:${encoding}
CHARSET:${charset}
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<ACCTID>00011234567<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260301<DTEND>20260331
${transactions.join('')}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`
}

/** The lines in CAMT.053. */
export function camt(lines) {
  const entries = lines.map(
    ({ id, day, amount, title }) => `<Ntry><Amt Ccy="EUR">${amount.replace('-', '')}</Amt>
<CdtDbtInd>${amount.startsWith('-') ? 'DBIT' : 'CRDT'}</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>${day}</Dt></BookgDt><AcctSvcrRef>${id}</AcctSvcrRef>
<NtryDtls><TxDtls><RmtInf><Ustrd>${title}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>m1</MsgId>
<CreDtTm>2026-04-01T06:00:00</CreDtTm></GrpHdr><Stmt><Id>s1</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id>
<Ccy>EUR</Ccy></Acct>
${entries.join('')}</Stmt></BkToCstmrStmt></Document>
`
}
