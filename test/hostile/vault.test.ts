import { describe, expect, it } from 'vitest'
import { unsafeTestingStore } from '../../packages/log/test/support/unsafe-testing-store.ts'
import {
  type Actor,
  allOf,
  hand,
  newDevice,
  newFamily,
  recordOf,
  startDevice,
} from '../../packages/vault/test/support/actors.ts'

async function sight({ vault }: Actor): Promise<unknown> {
  return {
    records: await allOf(vault.records()),
    conflicts: await allOf(vault.conflicts()),
    counts: Object.fromEntries(vault.collections()),
    imports: vault.imports(),
  }
}

describe('a device that signs two histories (T16)', () => {
  it('is found out, both are kept, and honest devices see the same whichever branch came first', async () => {
    const family = newFamily()
    const store = unsafeTestingStore()
    const [bob, carol] = [await newDevice(family), await newDevice(family)]
    const mallory = await newDevice(family, store)
    const id = await bob.vault.create({ collection: 'note', title: 'Will', fields: { heir: 'nobody' } })
    for (const device of [carol, mallory]) await hand(bob, device)
    await mallory.vault.edit(id, { fields: { seenBy: 'mallory' } })
    await mallory.vault.settled()
    for (const device of [bob, carol]) await hand(mallory, device)
    const twin = await startDevice(family, mallory.keyPair, store.copy())

    await mallory.vault.edit(id, { fields: { heir: 'mallory' } })
    await mallory.vault.create({ collection: 'note', title: 'for Bob only', fields: {} })
    await twin.vault.edit(id, { fields: { heir: 'the cat' } })
    await hand(mallory, bob)
    await hand(twin, carol)
    expect((await recordOf(bob, id)).fields['heir']).toBe('mallory')
    expect((await recordOf(carol, id)).fields['heir']).toBe('the cat')
    await bob.vault.edit(id, { fields: { place: 'drawer' } })
    for (const [from, to] of [
      [bob, carol],
      [carol, bob],
    ] as const) {
      // Frames of the other branch are news only when they are handed over by number, as sync does for evidence.
      const frames = await allOf(from.log.frames({}))
      await to.log.receiveAll(frames.map(({ bundle }) => bundle))
      await to.vault.settled()
    }

    expect(bob.log.forks()).toMatchObject([{ device: mallory.id }])
    expect(carol.log.forks()).toMatchObject([{ device: mallory.id }])
    expect(await sight(bob)).toEqual(await sight(carol))
    expect((await recordOf(bob, id)).fields).toEqual({ heir: 'nobody', seenBy: 'mallory', place: 'drawer' })
    expect(bob.vault.count).toBe(1)
    const again = await bob.restart()
    expect(await sight(again)).toEqual(await sight(carol))
  })
})
