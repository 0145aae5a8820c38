import { utf8 } from '@muniment/crypto'
import type { KeyPair } from '@muniment/interface'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import {
  createRelationship,
  createResolver,
  didPeer4,
  KIT_SLOT,
  parseRelationship,
  parseSlotSignature,
  peerKeyForRelationship,
  RELATIONSHIP_SALT_LENGTH,
  SLOT_COUNT,
  signWithSlot,
  slotKey,
  slotOf,
  verifySlotSignature,
} from '../src/index.ts'

const cryptography = nodeCryptography
const components = { cryptography, random: nodeRandom }
const message = { purpose: 'muniment/contract/1', bytes: utf8('town and postcode, once') }

/** Alice's laptop, phone and kit, each with its own secret, in a relationship of which all know the salt. */
function alice() {
  const secrets = { laptop: nodeRandom(32), phone: nodeRandom(32), kit: nodeRandom(32) }
  return {
    meet() {
      const salt = nodeRandom(RELATIONSHIP_SALT_LENGTH)
      const [laptop, phone, kit] = [secrets.laptop, secrets.phone, secrets.kit].map((secret) =>
        slotKey(cryptography, { secret, salt }),
      ) as [KeyPair, KeyPair, KeyPair]
      const relationship = createRelationship(components, {
        kit: kit.publicKey,
        devices: [laptop.publicKey, phone.publicKey],
      })
      return { relationship, laptop, phone, kit, salt }
    },
    secrets,
  }
}

describe('a relationship', () => {
  test('shows an organisation eight slots, however many devices there are', () => {
    const one = createRelationship(components, { devices: [alice().meet().laptop.publicKey] })
    const { relationship } = alice().meet()
    for (const { did } of [one, relationship]) {
      expect(parseRelationship(cryptography, did).slots).toHaveLength(SLOT_COUNT)
    }
    expect(one.did.length).toBeLessThan(relationship.did.length + 3)
    expect(one.did.length).toBeGreaterThan(relationship.did.length - 3)
  })

  test('puts the kit above every device, and devices in order of enrolment', () => {
    const { relationship, laptop, phone, kit } = alice().meet()
    const slots = [kit, laptop, phone].map(({ publicKey }) => slotOf(cryptography, relationship, publicKey))
    expect(slots).toEqual([KIT_SLOT, 1, 2])
    expect(
      slotOf(cryptography, relationship, cryptography.generateKeyPair('Ed25519').publicKey),
    ).toBeUndefined()
  })

  test('has nothing in common with another one of the same person', () => {
    const person = alice()
    const [bank, landlord] = [person.meet(), person.meet()]
    const known = new Set([...bank.relationship.slots, bank.relationship.did])
    expect(
      [...landlord.relationship.slots, landlord.relationship.did].filter((part) => known.has(part)),
    ).toEqual([])
    expect(landlord.phone.publicKey).not.toEqual(bank.phone.publicKey)
  })

  test('is dialled with a transport key of its own, which is not its slot key', () => {
    const person = alice()
    const { secrets } = person
    const [bank, landlord] = [person.meet(), person.meet()]
    const seeds = [bank.salt, landlord.salt].map((salt) =>
      Buffer.from(peerKeyForRelationship(cryptography, { secret: secrets.phone, salt })).toString('hex'),
    )
    const secretKeys = [bank.phone, landlord.phone].map(({ secretKey }) =>
      Buffer.from(secretKey).toString('hex'),
    )
    expect(new Set([...seeds, ...secretKeys]).size).toBe(4)
    expect(() => slotKey(cryptography, { secret: secrets.phone, salt: new Uint8Array(3) })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    )
  })

  test('has no room for an eighth device, nor for one key twice, nor for a key of another kind', () => {
    const keys = Array.from({ length: SLOT_COUNT }, () => cryptography.generateKeyPair('Ed25519').publicKey)
    expect(() => createRelationship(components, { devices: keys })).toThrow(
      expect.objectContaining({ code: 'ERR_TOO_LARGE' }),
    )
    const [first] = keys as [(typeof keys)[0]]
    for (const devices of [[first, first], [cryptography.generateKeyPair('ES256').publicKey]]) {
      expect(() => createRelationship(components, { devices })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
      )
    }
    expect(createRelationship(components, { devices: keys.slice(1) }).slots).toHaveLength(SLOT_COUNT)
  })

  test('resolves like any other did:peer', async () => {
    const { relationship } = alice().meet()
    const clock = { now: () => 0, wait: () => Promise.resolve() }
    const { did } = await createResolver({ cryptography, clock }).resolve(relationship.did)
    expect(did).toBe(relationship.did)
    expect(parseRelationship(cryptography, did)).toEqual(relationship)
  })

  test('of another shape is refused', () => {
    const { slots } = alice().meet().relationship
    const documents = [
      {},
      { relationship: { v: 2, slots } },
      { relationship: { v: 1, slots: slots.slice(1) } },
      { relationship: { v: 1, slots: [...slots.slice(1), slots[1]] } },
      { relationship: { v: 1, slots: [...slots.slice(1), '='] } },
      { relationship: { v: 1, slots: [...slots.slice(1), 'A'.repeat(43)] } },
      { relationship: { v: 1, slots, more: 1 } },
    ]
    for (const document of documents) {
      expect(() => parseRelationship(cryptography, didPeer4(cryptography, document).long)).toThrow(
        expect.objectContaining({ code: 'ERR_MALFORMED' }),
      )
    }
  })
})

describe('a slot signature', () => {
  test('of the phone is accepted by the organisation', async () => {
    const { relationship, phone } = alice().meet()
    const signature = await signWithSlot(
      { cryptography, signer: cryptography.signer(phone) },
      relationship,
      message,
    )
    const received = parseSlotSignature(JSON.parse(JSON.stringify(signature)))
    expect(verifySlotSignature(cryptography, relationship, message, received)).toEqual({ ok: true, slot: 2 })
  })

  test('cannot be made by a stranger', async () => {
    const { relationship, phone } = alice().meet()
    const mallory = cryptography.signer(cryptography.generateKeyPair('Ed25519'))
    await expect(
      signWithSlot({ cryptography, signer: mallory }, relationship, message),
    ).rejects.toMatchObject({
      code: 'ERR_KEY_UNKNOWN',
    })
    const own = createRelationship(components, { devices: [mallory.publicKey] })
    const forged = await signWithSlot({ cryptography, signer: mallory }, own, message)
    expect(verifySlotSignature(cryptography, relationship, message, forged)).toMatchObject({
      problems: [{ code: 'slot_unknown' }],
    })
    const { key } = await signWithSlot(
      { cryptography, signer: cryptography.signer(phone) },
      relationship,
      message,
    )
    expect(
      verifySlotSignature(cryptography, relationship, message, { ...forged, key, slot: 2 }),
    ).toMatchObject({
      problems: [{ code: 'slot_signature' }],
    })
  })

  test('means nothing for other bytes, another purpose, another slot or another relationship', async () => {
    const { relationship, phone, laptop } = alice().meet()
    const signer = cryptography.signer(phone)
    const signature = await signWithSlot({ cryptography, signer }, relationship, message)
    const other = createRelationship(components, { devices: [laptop.publicKey, phone.publicKey] })
    const verdicts = [
      verifySlotSignature(cryptography, relationship, { ...message, bytes: utf8('all of it') }, signature),
      verifySlotSignature(
        cryptography,
        relationship,
        { ...message, purpose: 'muniment/receipt/1' },
        signature,
      ),
      verifySlotSignature(cryptography, relationship, message, { ...signature, slot: 1 }),
      verifySlotSignature(cryptography, other, message, signature),
      verifySlotSignature(cryptography, relationship, message, { ...signature, key: 'x' }),
      verifySlotSignature(cryptography, relationship, message, { ...signature, signature: '' }),
    ]
    expect(verdicts.map((verdict) => verdict.ok)).toEqual([false, false, false, false, false, false])
  })

  test('of another shape is refused', () => {
    for (const value of [null, {}, { slot: 8, key: '', signature: '' }, { slot: 1, key: 1, signature: 1 }]) {
      expect(() => parseSlotSignature(value)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
    }
  })
})
