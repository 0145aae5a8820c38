import { type CanonicalValue, fromCanonical, toCanonical } from '@muniment/crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  family,
  framesOf,
  hand,
  newDevice,
  note,
  nth,
  textsOf,
} from '../../packages/log/test/support/actors.ts'

test('no change to any part of a frame, well formed or not, is accepted', async () => {
  const alices = await family()
  const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
  await laptop.log.append([note(alices, 'one'), note(alices, 'two')])
  const { bundle } = nth(await framesOf(laptop.log), 0)
  const frame = fromCanonical(bundle) as Record<string, unknown>
  const change = fc.record({ at: fc.nat({ max: bundle.length - 1 }), by: fc.integer({ min: 1, max: 255 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = bundle.slice()
      for (const { at, by } of changes) changed.set([(changed[at] ?? 0) ^ by], at)
      fc.pre(changed.some((byte, at) => byte !== bundle[at]))
      expect((await phone.log.receive(changed)).ok).toBe(false)
    }),
    { numRuns: 500 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(frame)),
      fc.anything({ withBigInt: false }),
      async (name, value) => {
        let bytes: Uint8Array
        try {
          bytes = toCanonical({ ...frame, [name]: value } as never)
        } catch {
          return
        }
        fc.pre(bytes.join() !== bundle.join())
        expect((await phone.log.receive(bytes)).ok).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
  expect(phone.log.heads()).toEqual({})
  await hand(laptop.log, phone.log)
  expect(await textsOf(phone.log, laptop.id)).toEqual(['one', 'two'])
})

test('a member cannot write into the log of another device', async () => {
  const alices = await family()
  const [laptop, phone, mallory] = [await newDevice(alices), await newDevice(alices), await newDevice(alices)]
  await mallory.log.append([note(alices, 'as if from the laptop')])
  const frame = fromCanonical(nth(await framesOf(mallory.log), 0).bundle) as {
    readonly [name: string]: CanonicalValue
  }
  const posing = toCanonical({ ...frame, device: laptop.id })
  expect(await phone.log.receive(posing)).toMatchObject({ ok: false, problems: [{ code: 'bad_signature' }] })
})
