import { ofxStatement } from '../node/dist/demo/bank-statement.js'

const PER_STATEMENT = 10_000

/** The bank statements of several accounts, in OFX, that hold so many small records together. */
export function statements(count) {
  const files = []
  for (let left = count, account = 1; left > 0; left -= PER_STATEMENT, account++) {
    files.push(
      ofxStatement({
        seed: account,
        transactions: Math.min(left, PER_STATEMENT),
        account: `FR76300030005${String(account).padStart(14, '0')}`,
      }),
    )
  }
  return files
}

/** The lines of the same statements as plain objects, for systems that do not read OFX. */
export function plainRecords(count) {
  return statements(count).flatMap((statement, account) =>
    statement
      .split('<STMTTRN>')
      .slice(1)
      .map((lines) => {
        const value = (name) => new RegExp(`<${name}>([^\\n<]*)`).exec(lines)?.[1] ?? ''
        return {
          id: `${account}/${value('FITID')}`,
          date: value('DTPOSTED'),
          amount: value('TRNAMT'),
          currency: 'EUR',
          kind: value('TRNTYPE'),
          name: value('NAME'),
          memo: value('MEMO'),
        }
      }),
  )
}
