import { fromCanonical, toCanonical } from '@muniment/crypto'
import {
  ANSWER_PROTOCOL,
  CLAIM_PROTOCOL,
  type ContractDesk,
  DECLINE_PROTOCOL,
  fetchOffer,
  formatRequestLink,
  openContractDesk,
  parseOffer,
  parseRequestLink,
  REQUEST_PROTOCOL,
} from '@muniment/contract'
import { didKey, publicKeyOfDidKey } from '@muniment/identity'
import { MunimentError } from '@muniment/interface'
import fc from 'fast-check'
import { memoryChannelPair } from 'muniment/network'
import { nodeClock, nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import { expect, it } from 'vitest'

const text = { en: 'To know.', fr: 'Pour savoir.' }
const terms = {
  what: [
    {
      id: 'address',
      vct: ['https://council.example/address'],
      label: text,
      required: [{ id: 'town', path: ['town'], label: text }],
      optional: [],
    },
  ],
  purpose: { concept: 'dpv:ServiceProvision', basis: 'dpv:Consent', text },
  givenBack: { text },
  kept: { days: 1, text },
  thirdParties: [],
  erasure: { honoured: true },
}

async function landlord(): Promise<{
  readonly desk: ContractDesk
  readonly id: string
  readonly jws: string
}> {
  const keyPair = cryptography.generateKeyPair('ES256')
  const did = didKey(keyPair.publicKey)
  const desk = await openContractDesk(
    {
      cryptography,
      random,
      clock: nodeClock,
      store: await openMemoryStore({ key: random(32), cryptography, random }),
      signer: cryptography.signer(keyPair),
      verifyPresentations: () => Promise.reject(new Error('nothing hostile gets as far as its credentials')),
    },
    { organisation: { did, name: 'Immo Sud' }, kid: `${did}#${did.slice(8)}` },
  )
  const { id, jws } = await desk.offer({ terms, addresses: ['/ip4/127.0.0.1/tcp/1'] })
  return { desk, id, jws }
}

/** Sends bytes; gives the reply, or how the channel ended. */
async function ask(desk: ContractDesk, protocol: string, bytes: Uint8Array): Promise<unknown> {
  const [mine, theirs] = memoryChannelPair()
  const served = desk.protocols[protocol]?.(theirs)
  try {
    await mine.send(bytes)
    const reply = await mine.receive()
    await mine.close()
    return reply && fromCanonical(reply)
  } catch (error) {
    return error instanceof MunimentError ? error.code : error
  } finally {
    await served
  }
}

const ALL = [REQUEST_PROTOCOL, CLAIM_PROTOCOL, ANSWER_PROTOCOL, DECLINE_PROTOCOL]

it('a landlord’s desk survives random bytes on every protocol, tells nothing, and still serves Ana', async () => {
  const { desk, id } = await landlord()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ALL), fc.uint8Array({ maxLength: 400 }), async (protocol, bytes) => {
      expect(await ask(desk, protocol, bytes)).toBe('ERR_CHANNEL_CLOSED')
    }),
    { numRuns: 300 },
  )
  expect(await ask(desk, REQUEST_PROTOCOL, toCanonical({ v: 1, id }))).toHaveProperty('offer')
})

it('well-formed values of a wrong shape, deep nesting and long messages end the channel', async () => {
  const { desk, id } = await landlord()
  const nested = new Uint8Array(60_000).fill(0x81)
  const prototype = Uint8Array.from([0xa1, 0x69, ...new TextEncoder().encode('__proto__'), 0xa0])
  const cases = [
    nested,
    prototype,
    toCanonical({ v: 1 }),
    toCanonical({ v: 2, id, decline: id }),
    toCanonical({ v: 1, id, extra: 1, decline: id }),
    toCanonical({ v: 1, id: `${id}\n`, decline: `${id}\n` }),
    toCanonical({ v: 1, id: 'x'.repeat(40_000), decline: 'x'.repeat(40_000) }),
    toCanonical([]),
    toCanonical(null),
  ]
  for (const protocol of ALL) {
    for (const bytes of cases) expect(await ask(desk, protocol, bytes)).toBe('ERR_CHANNEL_CLOSED')
  }
  expect((await desk.exchange(id))?.state).toBe('offered')
})

it('a guessed request id gets the same short answer whatever is asked', async () => {
  const { desk } = await landlord()
  expect(await ask(desk, REQUEST_PROTOCOL, toCanonical({ v: 1, id: 'guess' }))).toEqual({
    v: 1,
    refused: 'unknown_request',
  })
  expect(await ask(desk, DECLINE_PROTOCOL, toCanonical({ v: 1, decline: 'guess' }))).toEqual({
    v: 1,
    refused: 'unknown_request',
  })
})

it('an organisation that answers nonsense cannot break the person’s device', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const [mine, theirs] = memoryChannelPair()
      await theirs.send(bytes)
      await expect(fetchOffer(mine, 'id')).rejects.toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
    }),
    { numRuns: 200 },
  )
})

it('no mutation of an offer is read as another offer, and reading never throws', async () => {
  const { jws } = await landlord()
  fc.assert(
    fc.property(fc.nat(jws.length - 1), fc.string({ maxLength: 4 }), fc.nat(3), (at, put, cut) => {
      const mutated = jws.slice(0, at) + put + jws.slice(at + cut)
      const read = parseOffer(cryptography, mutated)
      const original = parseOffer(cryptography, jws)
      if (!read.ok || !original.ok || mutated === jws) return
      const isSameContent = read.offer.hash === original.offer.hash
      const key = publicKeyOfDidKey(original.offer.proposal.organisation.did)
      expect(isSameContent || !cryptography.verify(key, read.parsed.signed, read.parsed.signature)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it('no text is read as a link but what is written as one', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      try {
        const link = parseRequestLink(`muniment:request?${query}`)
        if (link.kind === 'muniment') expect(parseRequestLink(formatRequestLink(link))).toEqual(link)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_MALFORMED' })
      }
    }),
    { numRuns: 1000 },
  )
})
