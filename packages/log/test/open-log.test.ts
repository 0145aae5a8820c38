import { utf8 } from '@muniment/crypto'
import { describe, expect, test } from 'vitest'
import { MAX_BODY_LENGTH, MAX_CLOCK_CHANGES, MAX_FRAME_LENGTH } from '../src/index.ts'
import { allOf, family, framesOf, hand, newDevice, note, textsOf, nth } from './support/actors.ts'
import { codeOf } from './support/unsafe-testing-store.ts'

const fails = (promise: Promise<unknown>) => promise.then(() => 'nothing failed', codeOf)

describe('writing', () => {
  test('Alice reads back what she wrote, also after a restart', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    const addresses = await laptop.log.append([note(alices, 'milk'), note(alices, 'bread')])
    expect(addresses.map(({ seq }) => seq)).toEqual([2, 3])
    const again = await laptop.restart()
    expect(await textsOf(again.log, laptop.id)).toEqual(['milk', 'bread'])
    expect(again.log.heads()).toEqual(laptop.log.heads())
    const [entry] = await allOf(again.log.entries(laptop.id, { from: 2, to: 2 }))
    expect(entry).toMatchObject({ ...nth(addresses, 0), kind: 'shard', key: alices.key })
  })

  test('every opening that writes begins with 32 random bytes of its own', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    await laptop.log.append([note(alices, 'a')])
    const again = await laptop.restart()
    again.log.knownOffline()
    await again.log.append([note(alices, 'b')])
    const sessions = (await allOf(again.log.entries(laptop.id))).filter(({ kind }) => kind === 'session')
    expect(sessions.map(({ seq, body }) => [seq, body?.length])).toEqual([
      [1, 32],
      [3, 32],
    ])
    expect(sessions[0]?.body).not.toEqual(sessions[1]?.body)
  })

  test('appends made at the same time share one commit and keep their order', async () => {
    const alices = await family()
    const { log, store, id } = await newDevice(alices)
    await log.append([note(alices, 'first')])
    const before = store.commits
    const texts = Array.from({ length: 50 }, (_, index) => `note ${index}`)
    const addresses = await Promise.all(texts.map((text) => log.append([note(alices, text)])))
    expect(store.commits - before).toBeLessThanOrEqual(2)
    expect(addresses.flat().map(({ seq }) => seq)).toEqual(texts.map((_, index) => 3 + index))
    expect(await textsOf(log, id)).toEqual(['first', ...texts])
  })

  test('a full disk fails the append, and nothing of it remains', async () => {
    const alices = await family()
    const { log, store, id } = await newDevice(alices)
    await log.append([note(alices, 'kept')])
    store.failNext = true
    expect(await fails(log.append([note(alices, 'lost')]))).toBe('ERR_STORE_FULL')
    await log.append([note(alices, 'next')])
    expect(await textsOf(log, id)).toEqual(['kept', 'next'])
  })

  test('a body of the greatest length fits a frame, one byte more is refused', async () => {
    const alices = await family()
    const { log, id } = await newDevice(alices)
    const body = new Uint8Array(MAX_BODY_LENGTH).fill(7)
    await log.append([{ kind: 'segment', body, key: alices.key }])
    const frames = await framesOf(log)
    expect(Math.max(...frames.map(({ bundle }) => bundle.length))).toBeLessThanOrEqual(MAX_FRAME_LENGTH)
    expect((await allOf(log.entries(id))).at(-1)?.body).toEqual(body)
    const longer = { kind: 'segment', body: new Uint8Array(MAX_BODY_LENGTH + 1), key: alices.key } as const
    expect(await fails(log.append([longer]))).toBe('ERR_TOO_LARGE')
  })

  test('an entry without its key, or with one that nobody knows, is refused', async () => {
    const alices = await family()
    const { log } = await newDevice(alices)
    expect(await fails(log.append([{ kind: 'shard', body: utf8('x') }]))).toBe('ERR_INVALID_ARGUMENT')
    const unknown = { kind: 'shard', body: utf8('x'), key: 'A'.repeat(22) } as const
    expect(await fails(log.append([unknown]))).toBe('ERR_KEY_UNKNOWN')
  })

  test('equal notes look different, and short ones the same length, in what leaves the device', async () => {
    const alices = await family()
    const { log } = await newDevice(alices)
    for (const text of ['yes', 'yes', 'no']) await log.append([note(alices, text)])
    const frames = await framesOf(log)
    const second = nth(frames, 1).bundle
    expect(second.length).toBe(nth(frames, 2).bundle.length)
    const all = new TextDecoder('latin1').decode(second)
    expect(all).not.toContain('yes')
    expect(all).not.toContain('shard')
  })
})

describe('replication without keys', () => {
  test('the phone verifies and keeps what it cannot read, and reads it once the key has come', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    const strangersKeys = { ...(await family()), roster: alices.roster }
    const phone = await newDevice(strangersKeys)
    await laptop.log.append([note(alices, 'milk')])
    await hand(laptop.log, phone.log)
    expect(await textsOf(phone.log, laptop.id)).toEqual(['(key-unknown)'])
    strangersKeys.keys.keys.set(alices.key, alices.keys.get(alices.key) ?? new Uint8Array())
    expect(await textsOf(phone.log, laptop.id)).toEqual(['milk'])
  })

  test('a dropped payload leaves its neighbours verifiable, and the erased key says why it is gone', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    const phone = await newDevice(alices)
    await laptop.log.append([note(alices, 'keep'), note(alices, 'drop'), note(alices, 'keep too')])
    await laptop.log.dropPayloads(laptop.id, [3])
    await hand(laptop.log, phone.log)
    expect(await textsOf(phone.log, laptop.id)).toEqual(['keep', '(absent)', 'keep too'])
    alices.keys.erase(alices.key)
    expect(await textsOf(phone.log, laptop.id)).toEqual(['(erased)', '(erased)', '(erased)'])
  })

  test('an entry tells what its writer had seen', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    const phone = await newDevice(alices)
    await laptop.log.append([note(alices, 'a')])
    await hand(laptop.log, phone.log)
    await phone.log.append([note(alices, 'b')])
    await laptop.log.append([note(alices, 'c')])
    await phone.log.append([note(alices, 'd')])
    await hand(laptop.log, phone.log)
    await phone.log.append([note(alices, 'e')])
    const again = await phone.restart()
    const entries = await allOf(again.log.entries(phone.id, { from: 2 }))
    expect(entries.map(({ clocks }) => clocks[laptop.id])).toEqual([2, 2, 3])
  })

  test('frames come after all that their writers had seen', async () => {
    const alices = await family()
    const devices = [await newDevice(alices), await newDevice(alices), await newDevice(alices)]
    for (let round = 0; round < 6; round++) {
      const [writer, reader] = [nth(devices, round % 3), nth(devices, (round + 1) % 3)]
      await writer.log.append([note(alices, `round ${round}`)])
      await hand(writer.log, reader.log)
    }
    const last = devices.find(({ log }) => Object.keys(log.heads()).length === 3) ?? nth(devices, 0)
    const reached: Record<string, number> = {}
    for (const { device, last: seq } of await framesOf(last.log)) {
      const entry = nth(await allOf(last.log.entries(device, { from: seq, to: seq })), 0)
      for (const [other, seen] of Object.entries(entry.clocks))
        expect(reached[other]).toBeGreaterThanOrEqual(seen)
      reached[device] = seq
    }
    expect(Object.keys(reached)).toHaveLength(3)
  })

  test('a vault of more devices than one header names spreads its clocks over the next entries', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    for (let index = 0; index < MAX_CLOCK_CHANGES + 5; index++) {
      const other = await newDevice(alices)
      await other.log.append([note(alices, 'x')])
      await hand(other.log, laptop.log)
    }
    const body = new Uint8Array(MAX_BODY_LENGTH)
    await laptop.log.append([{ kind: 'segment', body, key: alices.key }, note(alices, 'rest')])
    const entries = await allOf(laptop.log.entries(laptop.id))
    expect(entries.map(({ clocks }) => Object.keys(clocks).length)).toEqual([64, 69, 69])
    const phone = await newDevice(alices)
    await hand(laptop.log, phone.log)
    expect(phone.log.heads()).toEqual(laptop.log.heads())
  })
})

describe('a device of an old copy (protocol rule 3)', () => {
  test('nothing is written before the device compared its head or knows itself offline', async () => {
    const alices = await family()
    const laptop = await newDevice(alices, { isOffline: false })
    expect(await fails(laptop.log.append([note(alices, 'x')]))).toBe('ERR_HEAD_UNCONFIRMED')
    await laptop.log.confirmHead(undefined)
    await laptop.log.append([note(alices, 'x')])
    expect(await textsOf(laptop.log, laptop.id)).toEqual(['x'])
  })

  test('a laptop restored from a backup is told so, takes its lost entries back, and writes no more', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    const phone = await newDevice(alices)
    await laptop.log.append([note(alices, 'old')])
    const backup = laptop.store.copy()
    await laptop.log.append([note(alices, 'new')])
    await hand(laptop.log, phone.log)
    const restored = await laptop.restart(backup)
    expect(await fails(restored.log.confirmHead(phone.log.heads()[laptop.id]))).toBe('ERR_ROLLED_BACK')
    await hand(phone.log, restored.log)
    expect(await textsOf(restored.log, laptop.id)).toEqual(['old', 'new'])
    restored.log.knownOffline()
    expect(await fails(restored.log.append([note(alices, 'x')]))).toBe('ERR_ROLLED_BACK')
    const again = await restored.restart()
    again.log.knownOffline()
    expect(await fails(again.log.append([note(alices, 'x')]))).toBe('ERR_ROLLED_BACK')
    expect(again.log.isRolledBack).toBe(true)
    expect(await framesOf(again.log)).toEqual([])
  })

  test('a restored laptop that wrote offline differs from the first byte, and is told on its first contact', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    await laptop.log.append([note(alices, 'old')])
    const restored = await laptop.restart(laptop.store.copy())
    await laptop.log.append([note(alices, 'same')])
    restored.log.knownOffline()
    await restored.log.append([note(alices, 'same')])
    expect(await fails(restored.log.confirmHead(laptop.log.heads()[laptop.id]))).toBe('ERR_ROLLED_BACK')
  })

  test('a head that others are behind of is confirmed', async () => {
    const alices = await family()
    const laptop = await newDevice(alices)
    await laptop.log.append([note(alices, 'a')])
    const known = laptop.log.heads()[laptop.id]
    await laptop.log.append([note(alices, 'b')])
    const again = await laptop.restart()
    await again.log.confirmHead(known)
    expect(await fails(again.log.confirmHead({ seq: 2, hash: 'A'.repeat(43) }))).toBe('ERR_ROLLED_BACK')
  })
})
