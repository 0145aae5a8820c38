/** Settings of a generated statement. */
export interface StatementOptions {
  /** The same seed gives the same statement, byte for byte. */
  readonly seed: number
  /** How many lines it has. */
  readonly transactions: number
  /** The IBAN of the account; a French one of an invented bank unless told. */
  readonly account?: string
  /** The last day of the statement, `YYYY-MM-DD`; 2026-06-30 unless told. */
  readonly until?: string
}

/** One line of a generated statement. */
interface Line {
  readonly day: string
  /** In cents, negative for what leaves the account. */
  readonly cents: number
  readonly name: string
  readonly memo: string
  readonly kind: 'CREDIT' | 'DEBIT' | 'DIRECTDEBIT' | 'POS' | 'ATM'
  readonly id: string
}

const ACCOUNT = 'FR7630003000501234567890189'
const UNTIL = '2026-06-30'

/** What people pay in shops: name, and the cents between which one purchase lies. */
const SHOPS: readonly (readonly [string, number, number])[] = [
  ['Boulangerie Au Pain Doré', 180, 1450],
  ['Marché Saint-Michel', 650, 4200],
  ['Épicerie Chez Amélie', 420, 3100],
  ['Pharmacie de la Gare', 590, 4800],
  ['Librairie du Canal', 890, 6500],
  ['Café Les Deux Ponts', 250, 1980],
  ['Fromagerie Noël & Fils', 780, 3400],
  ['The Corner Bookshop', 700, 5200],
  ['Green Grocers Ltd', 900, 6800],
  ['Fish & Chips, Harbour St', 850, 2600],
  ['Railway tickets', 1200, 9800],
  ['Cinéma Le Palace', 650, 2400],
]

/** What comes once a month: day, name, cents, memo. */
const MONTHLY: readonly (readonly [number, string, number, string])[] = [
  [2, 'Société Immobilière du Port', -84_500, 'LOYER - RENT'],
  [5, 'Énergie Bleue', -6_240, 'PRLV électricité'],
  [8, 'Télécom du Sud', -1_999, 'PRLV mobile'],
  [15, 'Mutuelle Océane', -4_310, 'PRLV cotisation santé'],
  [27, 'Atelier Numérique SARL', 231_468, 'VIR SALAIRE - SALARY'],
]

/** A statement in OFX 1 as a French bank writes it: SGML, UTF-8, values without end tags. */
export function ofxStatement(options: StatementOptions): string {
  const lines = statementLines(options)
  const { account = ACCOUNT, until = UNTIL } = options
  const from = lines[0]?.day ?? until
  const transactions = lines.map(
    (line) => `<STMTTRN>
<TRNTYPE>${line.kind}
<DTPOSTED>${compact(line.day)}
<TRNAMT>${decimal(line.cents)}
<FITID>${line.id}
<NAME>${escaped(line.name)}
<MEMO>${escaped(line.memo)}
</STMTTRN>`,
  )
  return `OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>${compact(until)}<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30003<ACCTID>${account}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>${compact(from)}<DTEND>${compact(until)}
${transactions.join('\n')}
</BANKTRANLIST>
<LEDGERBAL><BALAMT>${decimal(sum(lines))}<DTASOF>${compact(until)}</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1>
</OFX>
`
}

/** The same lines as a camt.053.001.08 statement. */
export function camtStatement(options: StatementOptions): string {
  const lines = statementLines(options)
  const { account = ACCOUNT, until = UNTIL } = options
  const from = lines[0]?.day ?? until
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt>
<GrpHdr><MsgId>STMT-${compact(until)}</MsgId><CreDtTm>${until}T22:00:00+02:00</CreDtTm></GrpHdr>
<Stmt><Id>${compact(until)}-1</Id><CreDtTm>${until}T22:00:00+02:00</CreDtTm>
<FrToDt><FrDtTm>${from}T00:00:00+02:00</FrDtTm><ToDtTm>${until}T23:59:59+02:00</ToDtTm></FrToDt>
<Acct><Id><IBAN>${account}</IBAN></Id><Ccy>EUR</Ccy></Acct>
${balance('OPBD', 0, from)}
${balance('CLBD', sum(lines), until)}
${lines.map(camtEntry).join('\n')}
</Stmt>
</BkToCstmrStmt>
</Document>
`
}

function balance(code: string, cents: number, day: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(cents)}<Dt><Dt>${day}</Dt></Dt></Bal>`
}

function camtEntry(line: Line): string {
  const role = line.cents < 0 ? 'Cdtr' : 'Dbtr'
  const code = line.cents < 0 ? '<Cd>ICDT</Cd>' : '<Cd>RCDT</Cd>'
  return `<Ntry>${amount(line.cents)}<Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>${line.day}</Dt></BookgDt><ValDt><Dt>${line.day}</Dt></ValDt><AcctSvcrRef>${line.id}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly>${code}<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><${role}><Pty><Nm>${escaped(line.name)}</Nm></Pty></${role}></RltdPties>
<RmtInf><Ustrd>${escaped(line.memo)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`
}

function amount(cents: number): string {
  const indicator = cents < 0 ? 'DBIT' : 'CRDT'
  return `<Amt Ccy="EUR">${decimal(Math.abs(cents))}</Amt><CdtDbtInd>${indicator}</CdtDbtInd>`
}

/** The lines, oldest first: walking back from the last day, two purchases a day and what each month brings. */
function statementLines({ seed, transactions, until = UNTIL }: StatementOptions): readonly Line[] {
  const next = numbers(seed)
  const lines: Line[] = []
  const day = new Date(`${until}T00:00:00Z`)
  while (lines.length < transactions) {
    const date = day.toISOString().slice(0, 10)
    for (const [monthDay, name, cents, memo] of MONTHLY) {
      if (day.getUTCDate() !== monthDay) continue
      const kind = cents > 0 ? 'CREDIT' : 'DIRECTDEBIT'
      lines.push({ day: date, cents, name, memo, kind, id: identifier(date, lines.length, next) })
    }
    for (let count = next(4); count > 0; count -= 1) lines.push(purchase(date, lines.length, next))
    day.setUTCDate(day.getUTCDate() - 1)
  }
  return lines.slice(0, transactions).reverse()
}

function purchase(day: string, number: number, next: (below: number) => number): Line {
  const id = identifier(day, number, next)
  if (next(14) === 0) {
    return {
      day,
      cents: -2_000 * (1 + next(5)),
      name: 'Retrait DAB',
      memo: `RETRAIT ${day}`,
      kind: 'ATM',
      id,
    }
  }
  const [name, least, most] = SHOPS[next(SHOPS.length)] ?? ['Marché', 100, 200]
  return { day, cents: -(least + next(most - least)), name, memo: `CB ${day} ${name}`, kind: 'POS', id }
}

function identifier(day: string, number: number, next: (below: number) => number): string {
  return `${compact(day)}${String(number).padStart(7, '0')}${next(0x10000).toString(16).padStart(4, '0').toUpperCase()}`
}

/** Whole numbers from a seed (mulberry32): to look real, not to keep secrets. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function sum(lines: readonly Line[]): number {
  return lines.reduce((total, line) => total + line.cents, 0)
}

function decimal(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function compact(day: string): string {
  return day.replaceAll('-', '')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
