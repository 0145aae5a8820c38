import { expect, it } from 'vitest'
import {
  evidenceOf,
  formatRequestLink,
  type LedgerStore,
  parseRequestLink,
  verifyEvidence,
  verifyLedger,
} from '../src/index.ts'
import { parseLedgerEntry, encodeLedgerEntry } from '../src/ledger-entry.ts'
import { approvedMeeting, type Meeting } from './support/meeting.ts'
import { codesOf, cryptography, dialTo } from './support/parties.ts'

async function inForce(): Promise<Meeting & { readonly hash: string }> {
  const met = await approvedMeeting()
  const delivered = await met.someone.holder.deliver(met.hash, dialTo(met.desk))
  if (!delivered.ok) throw new Error(codesOf(delivered).join())
  return met
}

async function bytesOf(store: LedgerStore, name: string): Promise<Uint8Array[]> {
  const rows: Uint8Array[] = []
  for await (const bytes of store.read(name)) rows.push(bytes)
  return rows
}

function holding(rows: readonly Uint8Array[]): LedgerStore {
  return {
    append: () => Promise.reject(new Error('this ledger is only read')),
    async *read() {
      yield* rows
    },
    async *relationships() {},
  }
}

it('a ledger of which anything was altered, dropped or moved says so, and where', async () => {
  const met = await inForce()
  const { dataKeys, ledgerStore } = met.someone
  const rows = await bytesOf(ledgerStore, met.name)
  const check = async (changed: readonly Uint8Array[], name = met.name): Promise<string> => {
    const outcome = await verifyLedger({ cryptography, dataKeys, store: holding(changed) }, name)
    return outcome.ok ? 'whole' : (outcome.problems[0]?.message ?? '')
  }
  expect(await check(rows)).toBe('whole')
  expect(await check(rows.toSpliced(1, 1))).toBe('entry 2 of the ledger does not follow the one before it')
  expect(await check([...rows].reverse())).toBe('entry 1 of the ledger does not follow the one before it')
  expect(await check(rows, 'did:peer:4other')).toMatch(/^entry 1 /)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? new Uint8Array()
    for (const bit of [3, row.length * 4, row.length * 8 - 1]) {
      const flipped = row.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await check(rows.toSpliced(at, 1, flipped))).toMatch(/^entry \d of the ledger/)
    }
  }
  const entry = parseLedgerEntry(rows[2] ?? new Uint8Array())
  const renamed = encodeLedgerEntry({ ...entry, kind: 'offer' })
  expect(await check(rows.toSpliced(2, 1, renamed))).toBe('entry 3 of the ledger was altered')
})

it('the values can be erased, and contract and receipt still prove themselves', async () => {
  const met = await inForce()
  for (const { ledger, ledgerStore, dataKeys } of [met.someone, met.desk]) {
    const rows = await bytesOf(ledgerStore, met.name)
    const values = rows.map(parseLedgerEntry).find(({ kind }) => kind === 'presentation')
    await dataKeys.erase([values?.key ?? ''])
    expect(await verifyLedger({ cryptography, dataKeys, store: ledgerStore }, met.name)).toMatchObject({
      ok: true,
      erased: 1,
    })
    const evidence = await evidenceOf({ ledger, cryptography }, met.name, met.hash)
    if (!evidence) throw new Error('the evidence stays')
    expect(await verifyEvidence({ ...met.place, cryptography }, evidence)).toMatchObject({ ok: true })
  }
})

it('everything about a contract can be erased, and the chain still holds', async () => {
  const met = await inForce()
  const { ledgerStore, dataKeys, ledger } = met.someone
  const rows = await bytesOf(ledgerStore, met.name)
  await dataKeys.erase(rows.map((row) => parseLedgerEntry(row).key))
  expect(await verifyLedger({ cryptography, dataKeys, store: ledgerStore }, met.name)).toMatchObject({
    ok: true,
    erased: rows.length,
  })
  expect(await evidenceOf({ ledger, cryptography }, met.name, met.hash)).toBeUndefined()
  expect(await met.someone.holder.exchanges()).toEqual([])
})

it('evidence of which any part was exchanged proves nothing', async () => {
  const [met, other] = [await inForce(), await inForce()]
  const evidence = await evidenceOf({ ledger: met.desk.ledger, cryptography }, met.name, met.hash)
  const foreign = await evidenceOf({ ledger: other.desk.ledger, cryptography }, other.name, other.hash)
  if (!evidence || !foreign) throw new Error('both are in force')
  const check = async (changed: object): Promise<string[]> =>
    codesOf(await verifyEvidence({ ...met.place, cryptography }, { ...evidence, ...changed }))
  expect(await check({})).toEqual([])
  expect(await check({ receipt: foreign.receipt })).toContain('receipt_of_another')
  expect(await check({ offer: foreign.offer })).toEqual(['answer_for_another_offer'])
  expect(await check({ answer: { ...evidence.answer, slot: foreign.answer.slot } })).toContain('slot_unknown')
  expect(
    await check({ answer: { ...evidence.answer, presentation: foreign.answer.presentation } }),
  ).toContain('slot_signature')
})

it('a link is read back as it was written, and nothing else is taken for one', () => {
  const link = {
    did: 'did:web:immo.example',
    addresses: ['/dns4/immo.example/tcp/4001', '/ip6/::1/tcp/1'],
    id: 'abc',
  }
  expect(parseRequestLink(formatRequestLink(link))).toEqual({ kind: 'muniment', ...link })
  expect(parseRequestLink('openid4vp://?client_id=x&request_uri=https%3A%2F%2Fv.example%2Fr')).toEqual({
    kind: 'openid4vp',
    clientId: 'x',
    requestUri: 'https://v.example/r',
  })
  const refused = expect.objectContaining({ code: 'ERR_MALFORMED' })
  for (const text of [
    '',
    'hello',
    'muniment:request',
    'muniment:request?did=did:web:a&id=b',
    'muniment:request?did=did:web:a&at=/ip4/1.2.3.4&id=b&id=c',
    'muniment:request?did=did:web:a&at=/ip4/1.2.3.4&id=b&x=y',
    'muniment:request?did=did:web:a&at=evil&id=b',
    'muniment:request?did=javascript:x&at=/ip4/1.2.3.4&id=b',
    'muniment:request?did=%E0%A4%A&at=/ip4/1.2.3.4&id=b',
    'openid4vp://?client_id=x&request_uri=http%3A%2F%2Fv.example',
    `muniment:request?${'a'.repeat(3000)}`,
  ]) {
    expect(() => parseRequestLink(text)).toThrow(refused)
  }
})
