import { eachSeed } from '@muniment/compliance'
import { fromCanonical, toCanonical, type CanonicalValue } from '@muniment/crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allOf, family, framesOf, hand, newDevice, note, textsOf, nth } from './support/actors.ts'

type Outcome = { ok: boolean; problems?: readonly { code: string }[] }
const codes = (outcome: Outcome) => (outcome.ok ? 'ok' : outcome.problems?.map(({ code }) => code).join())

describe('receiving', () => {
  test('the same frame twice changes nothing', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    await laptop.log.append([note(alices, 'a')])
    const frame = nth(await framesOf(laptop.log), 0)
    expect(await phone.log.receive(frame.bundle)).toMatchObject({
      ok: true,
      isNew: true,
      first: 1,
      last: 2,
    })
    const before = phone.store.commits
    expect(await phone.log.receive(frame.bundle)).toMatchObject({ ok: true, isNew: false })
    expect(phone.store.commits).toBe(before)
  })

  test('many frames are one commit', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    for (const text of ['a', 'b', 'c', 'd']) await laptop.log.append([note(alices, text)])
    await hand(laptop.log, phone.log)
    expect(phone.store.commits).toBe(1)
    expect(await textsOf(phone.log, laptop.id)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a frame whose predecessor is missing is refused and comes again later', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    for (const text of ['a', 'b']) await laptop.log.append([note(alices, text)])
    const frames = await framesOf(laptop.log)
    const [first, second] = [nth(frames, 0), nth(frames, 1)]
    expect(codes(await phone.log.receive(second.bundle))).toBe('gap')
    expect((await phone.log.receiveAll([first.bundle, second.bundle])).map(codes)).toEqual(['ok', 'ok'])
  })

  test('a stranger cannot write into the vault', async () => {
    const alices = await family()
    const [laptop, mallory] = [await newDevice(alices), await newDevice(alices)]
    await mallory.log.append([note(alices, 'a')])
    alices.roster.delete(mallory.id)
    const frame = nth(await framesOf(mallory.log), 0)
    expect(codes(await laptop.log.receive(frame.bundle))).toBe('not_a_member')
    expect(laptop.log.heads()).toEqual({})
  })

  test('a device that a received roster entry makes a member is believed in the same breath', async () => {
    const alices = await family()
    const [laptop, phone, tablet] = [
      await newDevice(alices),
      await newDevice(alices),
      await newDevice(alices),
    ]
    await laptop.log.append([{ kind: 'roster', body: new TextEncoder().encode(phone.id) }])
    await hand(laptop.log, phone.log)
    await phone.log.append([note(alices, 'hello')])
    alices.roster.delete(phone.id)
    tablet.log.onAppend(async ({ device, hasRoster, first, last }) => {
      if (!hasRoster) return
      for (const entry of await allOf(tablet.log.entries(device, { from: first, to: last }))) {
        if (entry.kind === 'roster') alices.roster.add(new TextDecoder().decode(entry.body))
      }
    })
    const outcomes = await tablet.log.receiveAll((await framesOf(phone.log)).map(({ bundle }) => bundle))
    expect(outcomes.map(codes)).toEqual(['ok', 'ok'])
  })

  test('no changed byte of a frame is accepted, whichever it is', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    await laptop.log.append([note(alices, 'a')])
    const { bundle } = nth(await framesOf(laptop.log), 0)
    const outcomes = new Set<string | undefined>()
    for (let at = 0; at < bundle.length; at++) {
      const changed = bundle.map((byte, index) => (index === at ? byte ^ 1 : byte))
      outcomes.add(codes(await phone.log.receive(changed)))
    }
    expect([...outcomes].toSorted((one, two) => String(one).localeCompare(String(two)))).toEqual(
      ['bad_signature', 'gap', 'malformed', 'not_a_member'].filter((code) => outcomes.has(code)),
    )
    expect(outcomes.has('ok')).toBe(false)
    expect(phone.log.heads()).toEqual({})
  })

  test('a frame moved to another vault is refused', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    await laptop.log.append([note(alices, 'a')])
    const { openLog } = await import('../src/index.ts')
    const { nodeCryptography, nodeRandom } = await import('muniment/platform')
    const { unsafeTestingStore } = await import('./support/unsafe-testing-store.ts')
    const elsewhere = await openLog(
      {
        cryptography: nodeCryptography,
        random: nodeRandom,
        store: unsafeTestingStore(),
        dataKeys: alices.keys,
        members: { isMember: () => true },
      },
      { vault: 'B'.repeat(43), epoch: () => '' },
    )
    expect(codes(await elsewhere.receive(nth(await framesOf(laptop.log), 0).bundle))).toBe('bad_signature')
  })

  test('a payload swapped for another of the same length is refused', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    await laptop.log.append([note(alices, 'a'), note(alices, 'b')])
    const frame = fromCanonical(nth(await framesOf(laptop.log), 0).bundle) as {
      entries: { payload: Uint8Array }[]
    }
    const [first, second, third] = [0, 1, 2].map((index) => nth(frame.entries, index))
    const swapped = {
      ...frame,
      entries: [first, { ...second, payload: nth(frame.entries, 2).payload }, third],
    }
    expect(codes(await phone.log.receive(toCanonical(swapped as unknown as CanonicalValue)))).toBe(
      'bad_signature',
    )
  })

  test('no bytes that a peer makes up crash the log', async () => {
    const alices = await family()
    const phone = await newDevice(alices)
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
          expect(codes(await phone.log.receive(bytes))).toBe('malformed')
        }),
        { numRuns: 2000, seed },
      ),
    )
    expect(codes(await phone.log.receive(new Uint8Array(70_000)))).toBe('malformed')
    expect(codes(await phone.log.receive(new Uint8Array(60_000).fill(0x81)))).toBe('malformed')
  })
})
