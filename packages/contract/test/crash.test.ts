import { expect, it } from 'vitest'
import { verifyLedger } from '../src/index.ts'
import {
  PowerCut,
  unsafeTestingDial,
  unsafeTestingLedgerStore,
  type UnsafeTestingPower,
  unsafeTestingStore,
} from './support/faults.ts'
import { accept, kindsOf, meeting, type Meeting } from './support/meeting.ts'
import { type Ana, approve, cryptography, dialTo } from './support/parties.ts'

/** One attempt at the whole exchange, with whatever is on disk; gives whether it got to its end. */
async function attempt(met: Meeting, power: UnsafeTestingPower): Promise<boolean> {
  const desk = await met.place.openDesk(unsafeTestingStore(met.place.store, power))
  const someone: Ana = met.someone.restart(unsafeTestingLedgerStore(met.someone.ledgerStore, power))
  const known = (await someone.holder.exchanges()).at(0)
  const hash = known?.hash ?? (await approve(someone, met.offer, { answer: accept(met) })).hash
  const serving: (() => Promise<void>)[] = []
  try {
    const dial = unsafeTestingDial(dialTo(desk, serving), power)
    const delivered = await someone.holder.deliver(hash, dial)
    return delivered.ok
  } finally {
    await Promise.all(serving.map((end) => end()))
  }
}

async function survives(cutAt: number): Promise<{ readonly cut: boolean; readonly met: Meeting }> {
  const met = await meeting()
  let cut = false
  const power = { cutAt, moments: 0 }
  try {
    await attempt(met, power)
  } catch {
    cut = true
  }
  cut ||= power.moments >= cutAt
  expect(await attempt(met, { cutAt: 0, moments: 0 })).toBe(true)
  return { cut, met }
}

it('a power cut at any moment, on either side, loses nothing and delivers nothing twice', async () => {
  let cuts = 0
  for (let cutAt = 1; ; cutAt++) {
    const { cut, met } = await survives(cutAt)
    if (!cut) break
    cuts++
    const desk = await met.place.openDesk()
    const held = await desk.exchange(met.id)
    const mine = (await met.someone.holder.exchanges()).at(0)
    expect(held?.state).toBe('in force')
    expect(mine).toMatchObject({ state: 'in force', receipt: held?.receipt, hash: held?.contract?.hash })
    expect(await kindsOf(desk.ledger, met.name)).toEqual(['offer', 'answer', 'presentation', 'receipt'])
    expect(await kindsOf(met.someone.ledger, met.name)).toEqual([
      'offer',
      'answer',
      'presentation',
      'sent',
      'receipt',
    ])
    for (const { ledgerStore: store, dataKeys } of [desk, met.someone]) {
      expect(await verifyLedger({ cryptography, store, dataKeys }, met.name)).toMatchObject({ ok: true })
    }
  }
  expect(cuts).toBeGreaterThan(20)
})

it('a power cut is what the tests say it is', async () => {
  const met = await meeting()
  const power = { cutAt: 1, moments: 0 }
  await expect(attempt(met, power)).rejects.toThrow(PowerCut)
})
