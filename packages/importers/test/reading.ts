import type { RecordDraft } from '@muniment/interface'
import { type ImportReport, readImport } from '@muniment/importers'

/** The bytes of a text, in parts of `size`. */
export async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** All drafts of a file and its report. */
export async function readAll(
  content: string | Uint8Array,
  { size = 65_536, fileName = 'statement' }: { size?: number; fileName?: string } = {},
): Promise<{ drafts: RecordDraft[]; report: ImportReport }> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const reading = await readImport(inParts(bytes, size), { fileName })
  const drafts: RecordDraft[] = []
  for await (const batch of reading) drafts.push(...batch)
  return { drafts, report: reading.report() }
}

/** An OFX 1 file around statement transactions, currency EUR, account FR76-1. */
export function sgml(
  transactions: string,
  header = 'OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\n\n',
): string {
  return `${header}<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30003<ACCTID>FR76-1<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260301<DTEND>20260331
${transactions}
</BANKTRANLIST><LEDGERBAL><BALAMT>1000.00<DTASOF>20260331</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`
}

/** A camt.053 file around entries of one statement. */
export function camt(entries: string, version = '02'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-04-01T06:00:00+02:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-04-01T06:00:00+02:00</CreDtTm>
<Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>
${entries}
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>
</Stmt></BkToCstmrStmt></Document>
`
}
