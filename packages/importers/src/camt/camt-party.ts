import { at, type Element, firstText, textAt } from '../markup/element.ts'

/** The other side of a payment, as far as the bank names it. */
export interface CamtParty {
  readonly name?: string
  readonly account?: string
  readonly bank?: string
}

/**
 * The other side of a payment: the creditor of what left the account, the debtor of what came in. In a reversal the
 * parties are those of the payment that is taken back, so it is the other way round.
 */
export function counterparty(
  details: Element | undefined,
  isIncoming: boolean,
  isReversal: boolean,
): CamtParty {
  const role = isIncoming === isReversal ? 'Cdtr' : 'Dbtr'
  const parties = at(details, 'RltdPties')
  const name = firstText(
    partyName(at(parties, role)),
    partyName(at(parties, `Ultmt${role}`)),
    textAt(parties, `${role}Acct`, 'Nm'),
    partyName(at(parties, 'TradgPty')),
  )
  const account = accountId(at(parties, `${role}Acct`))
  const bank = agentId(at(details, 'RltdAgts', `${role}Agt`))
  return {
    ...(name === undefined ? {} : { name }),
    ...(account === undefined ? {} : { account }),
    ...(bank === undefined ? {} : { bank }),
  }
}

/** An account's IBAN, or the number that the bank gives it; version 1 has elements of its own for both. */
export function accountId(account: Element | undefined): string | undefined {
  return firstText(
    textAt(account, 'Id', 'IBAN'),
    textAt(account, 'Id', 'Othr', 'Id'),
    textAt(account, 'Id', 'BBAN'),
    textAt(account, 'Id', 'PrtryAcct', 'Id'),
    textAt(account, 'Id', 'UPIC'),
    textAt(account, 'Prxy', 'Id'),
  )?.replaceAll(/\s+/g, '')
}

/** A bank's BIC, its clearing number, or its name. */
export function agentId(agent: Element | undefined): string | undefined {
  const institution = at(agent, 'FinInstnId')
  return firstText(
    textAt(institution, 'BICFI'),
    textAt(institution, 'BIC'),
    textAt(institution, 'CmbndId', 'BIC'),
    textAt(institution, 'ClrSysMmbId', 'MmbId'),
    textAt(institution, 'Nm'),
    textAt(institution, 'NmAndAdr', 'Nm'),
  )
}

/** Versions from 8 on put the party into `Pty`, or a bank into `Agt`. */
function partyName(party: Element | undefined): string | undefined {
  return firstText(
    textAt(party, 'Nm'),
    textAt(party, 'Pty', 'Nm'),
    textAt(party, 'Agt', 'FinInstnId', 'Nm'),
    textAt(party, 'Agt', 'FinInstnId', 'BICFI'),
  )
}
