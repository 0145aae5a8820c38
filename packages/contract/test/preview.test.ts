import { expect, it } from 'vitest'
import { encodePresentation, decodePresentation, presentationHash, previewAnswer } from '../src/index.ts'
import { accept, meeting } from './support/meeting.ts'
import { codesOf, cryptography } from './support/parties.ts'

it('Ana sees every value that would leave, and its hash is that of the bytes', async () => {
  const met = await meeting()
  const answer = accept(met, { without: [{ credential: 'address', claim: 'birth' }] })
  const bytes = await met.someone.present(met.offer, answer)
  const previewed = previewAnswer(cryptography, bytes, { offer: met.offer, answer })
  if (!previewed.ok) throw new Error(codesOf(previewed).join())
  const { hash, leaving, describe } = previewed.preview
  expect(hash).toBe(presentationHash(cryptography, bytes))
  const labelled = leaving.filter(({ label }) => label).map(({ path, value }) => [path.join('.'), value])
  expect(Object.fromEntries(labelled)).toEqual({
    'address.town': 'Namur',
    'address.postcode': '5000',
    at_least_2000: true,
  })
  const others = leaving.filter(({ label }) => !label).map(({ path }) => path[0])
  expect(new Set(others)).toEqual(new Set(['iss', 'vct', 'cnf']))
  expect(describe('fr').purpose).toBe('Choisir un locataire.')
  expect(JSON.stringify(leaving)).not.toContain('Haute')
})

it('a device that would show more than the contract names is stopped by the preview', async () => {
  const met = await meeting()
  const answer = accept(met)
  const bytes = await met.someone.present(met.offer, answer, {
    reveal: {
      address: [['address', 'town'], ['address', 'postcode'], ['address', 'street'], ['birthdate']],
      income: [['at_least_2000'], ['at_least_3000']],
    },
  })
  const previewed = previewAnswer(cryptography, bytes, { offer: met.offer, answer })
  expect(codesOf(previewed)).toEqual(['presentation_too_wide', 'presentation_too_wide'])
})

it('a presentation that lacks something, is for another request, or carries another answer is not shown as good', async () => {
  const met = await meeting()
  const answer = accept(met)
  const check = (bytes: Uint8Array): string[] =>
    codesOf(previewAnswer(cryptography, bytes, { offer: met.offer, answer }))
  const reveal = { address: [['address', 'town']], income: [['at_least_2000']] }
  expect(check(await met.someone.present(met.offer, answer, { reveal }))).toEqual([
    'presentation_incomplete',
    'presentation_incomplete',
  ])
  expect(
    check(await met.someone.present(met.offer, answer, { nonce: 'another-nonce-000000000000' })),
  ).toEqual(['presentation_unbound', 'presentation_unbound'])
  const narrower = accept(met, { keptDays: 1 })
  expect(check(await met.someone.present(met.offer, narrower))).toEqual([
    'presentation_other_answer',
    'presentation_other_answer',
  ])
  const { address = [] } = decodePresentation(await met.someone.present(met.offer, answer))
  expect(check(encodePresentation({ address }))).toEqual(['presentation_incomplete'])
  expect(check(encodePresentation({ address, income: address, other: address }))).toContain(
    'presentation_unasked',
  )
  expect(check(encodePresentation({ address, income: address }))).toContain('presentation_wrong_type')
  expect(check(encodePresentation({ address, income: ['nonsense'] }))).toEqual(['presentation_malformed'])
  expect(check(new Uint8Array([1, 2, 3]))).toEqual(['presentation_malformed'])
})

it('nothing is approved but the bytes that were shown', async () => {
  const met = await meeting()
  const { offer, someone } = met
  const answer = accept(met)
  const shown = await someone.present(offer, answer)
  const others = await someone.present(offer, answer)
  const previewHash = presentationHash(cryptography, shown)
  const { signer } = someone
  const refused = expect.objectContaining({ code: 'ERR_REFUSED' })
  const approval = { offer, answer, presentation: others, previewHash, signer }
  await expect(someone.holder.approve(approval)).rejects.toThrow(refused)
  const own = { ...approval, previewHash: presentationHash(cryptography, others) }
  await expect(someone.holder.approve({ ...own, answer: accept(met, { keptDays: 3 }) })).rejects.toThrow(
    refused,
  )
  const wide = { ...own, answer: accept(met, { keptDays: 900 }) }
  await expect(someone.holder.approve(wide)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_ANSWER_TOO_WIDE' }),
  )
  met.place.clock.time += 2 * 86_400_000
  await expect(someone.holder.approve(own)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_OFFER_EXPIRED' }),
  )
  expect(await someone.holder.exchanges()).toEqual([])
})
