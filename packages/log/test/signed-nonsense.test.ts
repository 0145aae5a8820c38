import { nodeCryptography } from 'muniment/platform'
import { expect, test } from 'vitest'
import { parseFrame, encodeFrame, type FrameContent, hashesOf } from '../src/frame.ts'
import { encodeHeader } from '../src/header.ts'
import { type Actor, family, framesOf, hand, newDevice, note, nth, textsOf, VAULT } from './support/actors.ts'

/** Mallory's device signs whatever it likes. */
async function signed(mallory: Actor, content: Omit<FrameContent, 'device'>): Promise<Uint8Array> {
  const whole = { ...content, device: mallory.id }
  const { signed: bytes } = hashesOf(nodeCryptography, VAULT, whole)
  return encodeFrame(whole, await nodeCryptography.signer(mallory.keyPair).sign(bytes))
}

const firstFrame = async ({ log }: Actor) =>
  parseFrame(nodeCryptography, VAULT, nth(await framesOf(log), 0).bundle)

test('a signed frame whose entries do not count on, or are not as long as they say, is refused', async () => {
  const alices = await family()
  const [phone, mallory] = [await newDevice(alices), await newDevice(alices)]
  await mallory.log.append([note(alices, 'a')])
  const { headers, entries, ...frame } = await firstFrame(mallory)
  const [session, sealed] = [nth(headers, 0), nth(headers, 1)]
  const [opening, entry] = [nth(entries, 0), nth(entries, 1)]
  const nonsense = [
    { ...sealed, seq: 7 },
    { ...sealed, seq: 1 },
    { ...sealed, length: sealed.length + 1 },
  ]
  for (const header of nonsense) {
    const bytes = await signed(mallory, {
      ...frame,
      entries: [opening, { ...entry, header: encodeHeader(header) }],
    })
    expect(await phone.log.receive(bytes)).toMatchObject({ ok: false, problems: [{ code: 'malformed' }] })
  }
  const short = { header: encodeHeader({ ...session, length: 1 }), payload: Uint8Array.of(1) }
  const bytes = await signed(mallory, { ...frame, entries: [short] })
  expect(await phone.log.receive(bytes)).toMatchObject({ ok: false, problems: [{ code: 'malformed' }] })
  await hand(mallory.log, phone.log)
  expect(await textsOf(phone.log, mallory.id)).toEqual(['a'])
})

test("a member that passes another's sealed note off as its own shows nothing", async () => {
  const alices = await family()
  const [laptop, phone, mallory] = [await newDevice(alices), await newDevice(alices), await newDevice(alices)]
  await laptop.log.append([note(alices, 'I owe Bob 100')])
  const { entries, headers, ...frame } = await firstFrame(laptop)
  const bytes = await signed(mallory, { ...frame, entries })
  expect(headers).toHaveLength(2)
  expect(await phone.log.receive(bytes)).toMatchObject({ ok: true })
  expect(await textsOf(phone.log, mallory.id)).toEqual(['(unreadable)'])
})
