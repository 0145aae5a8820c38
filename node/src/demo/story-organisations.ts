import { incomeAtLeast } from '@muniment/credentials'
import { rowsOf } from '../cli/command-kit.ts'
import { plain } from '../cli/output.ts'
import type { JsonObject } from '../control/actions.ts'
import { passphrase } from './story-devices.ts'
import type { Cast, Stage } from './stage.ts'
import { ADDRESS_CLAIMS, DEGREE_CLAIMS, INCOME_CLAIMS, tenancyRequest } from './tenancy.ts'

/** What a later chapter needs of the exchange with the landlord. */
export interface Shared {
  readonly requestId: string
  readonly link: string
  readonly contractHash: string
  /** The final bytes, base64url, as Mallory might have copied them from the landlord's disk. */
  readonly bytes: string
  /** DIDs of the issuers that the landlord trusts. */
  readonly issuers: readonly string[]
}

const NAMES: Readonly<Record<'council' | 'university' | 'employer' | 'landlord' | 'agency', string>> = {
  council: 'Ville de Lyon',
  university: 'Université de Lyon',
  employer: 'Eau du Rhône',
  landlord: 'Home Lettings',
  agency: 'Other Agency',
}

const dids = new Map<keyof Cast, string>()

function startWords(name: keyof typeof NAMES, root: string): readonly string[] {
  const role = name === 'landlord' || name === 'agency' ? 'verifier' : 'issuer'
  return [role, 'start', '--name', NAMES[name], ...passphrase(root)]
}

/** Every organisation starts with one command, without registering anywhere. */
export async function startOrganisations({ teller, enter, root }: Stage): Promise<void> {
  teller.chapter('A council, a university, an employer and a landlord start')
  for (const name of ['council', 'university', 'employer', 'landlord', 'agency'] as const) {
    const { did } = await enter(name, ...startWords(name, root))
    dids.set(name, plain(did))
    teller.say(`${NAMES[name]}: ${plain(did).slice(0, 32)}…`)
  }
}

/** Issuers certify, in batches of single-use copies. */
export async function certify({ cast, teller, file }: Stage): Promise<void> {
  teller.chapter('They certify facts about Ana, in batches of single-use copies')
  const income = { ...INCOME_CLAIMS, income_at_least: incomeAtLeast(INCOME_CLAIMS.annual_income) }
  const offers = [
    ['council', 'proof-of-address', ADDRESS_CLAIMS],
    ['university', 'degree', DEGREE_CLAIMS],
    ['employer', 'proof-of-income', income],
  ] as const
  for (const [issuer, template, claims] of offers) {
    const path = await file(`${template}.json`, claims)
    const { link } = await cast[issuer].run('issuer', 'offer', template, '--claims', path)
    const { freshCopies } = await cast.phone.run('receive', plain(link))
    teller.check(
      Number(freshCopies) > 1,
      `${template}: ${plain(freshCopies)} copies on the phone, each with a key of its own`,
    )
  }
}

/** A landlord asks; the person sees what would leave, narrows, accepts; both ledgers hold the same contract. */
export async function askForTenancy({ cast, teller, file }: Stage): Promise<Shared> {
  teller.chapter('A landlord asks; Ana narrows and accepts')
  const issuers = ['council', 'employer'].map(
    (name) => dids.get(name === 'council' ? 'council' : 'employer') ?? '',
  )
  const asked = await cast.landlord.run(
    'verifier',
    'request',
    await file('tenancy.json', tenancyRequest(issuers)),
  )
  const { text, id } = await cast.phone.run('request', plain(asked['link']))
  sayLines(teller.say, text)
  const preview = await cast.phone.run(
    'preview',
    plain(id),
    '--without',
    'address.since',
    '--strike',
    'insurer',
    '--keep-days',
    '30',
  )
  teller.say('')
  teller.say(
    'Ana leaves out since when she lives there, strikes the insurer, and allows 30 days. What would leave:',
  )
  const leaving = rowsOf(preview, 'leaving')
  for (const { path, value } of leaving.filter(({ label }) => label !== undefined)) {
    teller.say(`  ${JSON.stringify(path)} = ${JSON.stringify(value)}`)
  }
  const shown = JSON.stringify(leaving)
  teller.check(
    !shown.includes('Lilas') && !shown.includes('33480') && !shown.includes('2021-04-01'),
    'not the street, not the amount, not the date',
  )
  const shared = await cast.phone.run('answer', plain(id), '--accept', '--preview', plain(preview['hash']))
  teller.check(shared['contract'] === preview['contractHash'], 'the landlord verified and countersigned')
  const received = rowsOf(await cast.landlord.run('verifier', 'received'), 'received')
  const theirs = received.find((exchange) => exchange['id'] === id)
  teller.check(theirs?.['contractHash'] === shared['contract'], 'both ledgers hold the same contract')
  const kept = JSON.stringify(theirs?.['contract'])
  teller.check(
    kept.includes('"days":30') && !kept.includes('insurer') && !kept.includes('resident_since'),
    'and it is the narrowed one',
  )
  return {
    requestId: plain(id),
    link: plain(asked['link']),
    contractHash: plain(shared['contract']),
    bytes: plain(preview['bytes']),
    issuers,
  }
}

function sayLines(say: (line: string) => void, lines: JsonObject[string]): void {
  if (Array.isArray(lines)) for (const line of lines) say(plain(line))
}

/** SIGKILL for everybody while they work, then on with the story. */
export async function killEverybody(
  { cast, teller, open, enter, root }: Stage,
  shared: Shared,
): Promise<void> {
  teller.chapter('Every process is killed in the middle of its work, and started again')
  const before = await cast.laptop.run('status')
  const acknowledged: string[] = []
  const writing = (async () => {
    for (let round = 0; round < 1000; round++) {
      const { id } = await cast.laptop.run('note', `written before the cut ${round}`)
      acknowledged.push(plain(id))
    }
  })().catch(() => undefined)
  while (acknowledged.length < 3)
    await Promise.race([writing, new Promise((resolve) => setImmediate(resolve))])
  await Promise.all([...open.values()].map((command) => command.kill()))
  open.clear()
  await writing
  await Promise.all([
    enter('laptop', 'unlock', '--foreground', ...passphrase(root)),
    enter('phone', 'unlock', '--foreground', ...passphrase(root)),
    ...(['council', 'university', 'employer', 'landlord', 'agency'] as const).map((name) =>
      enter(name, ...startWords(name, root)),
    ),
  ])
  for (const id of acknowledged) await cast.laptop.run('record', id)
  teller.check(true, `${acknowledged.length} notes were acknowledged before the cut, and all are there`)
  const after = await cast.laptop.run('status')
  teller.check(
    Number(after['records']) >= Number(before['records']) + acknowledged.length,
    `no record is lost: ${plain(after['records'])}`,
  )
  const ledger = await cast.phone.run('ledger')
  teller.check(JSON.stringify(ledger['verified']).includes('"ok":true'), 'Ana’s ledger is whole')
  const landlordLedger = await cast.landlord.run('ledger')
  teller.check(
    JSON.stringify(landlordLedger['verified']).includes('"ok":true'),
    'the landlord’s ledger is whole',
  )
  const received = rowsOf(await cast.landlord.run('verifier', 'received'), 'received')
  const isThere = received.some((exchange) => exchange['contractHash'] === shared.contractHash)
  teller.check(isThere, 'the contract is still in force on both sides')
  await Promise.all([cast.laptop.run('sync'), cast.phone.run('sync')])
  const [one, other] = [await cast.laptop.run('status'), await cast.phone.run('status')]
  teller.check(one['records'] === other['records'], 'laptop and phone agree again')
}

/** What each party holds, and what the landlord never saw. */
export async function summary({ cast, teller }: Stage): Promise<void> {
  teller.chapter('What each party now holds')
  const status = await cast.laptop.run('status')
  teller.say(
    `laptop and phone: ${plain(status['records'])} records, ${JSON.stringify(status['collections'])}`,
  )
  for (const { vct, freshCopies } of rowsOf(await cast.phone.run('credentials'), 'credentials')) {
    teller.say(`phone: ${plain(vct)}, ${plain(freshCopies)} fresh copies`)
  }
  const received = rowsOf(await cast.landlord.run('verifier', 'received'), 'received')
  const inForce = received.filter(({ receipt }) => receipt !== undefined)
  const text = JSON.stringify(inForce.map(({ claims }) => claims))
  teller.say(`landlord: ${text.slice(0, 400)}`)
  const secrets = ['14 rue des Lilas', '33480.00', 'Hydrology', '2021-04-01', 'Mention bien']
  teller.check(
    secrets.every((secret) => !text.includes(secret)),
    `the landlord never saw: ${secrets.join(', ')}`,
  )
}
