import { fromCanonical, deriveKey, toCanonical } from '@muniment/crypto'
import type { Contract, RelationshipSigner } from '@muniment/contract'
import { createRelationship, parseRelationship, peerKeyForRelationship, slotKey } from '@muniment/identity'
import { type Did, MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { nodeCryptography, nodeRandom } from '../platform/index.ts'
import type { PersonParts } from './open-parts.ts'

const TABLE = 'relationship'

const schema = v.strictObject({
  did: v.string(),
  salt: v.instance(Uint8Array),
  secret: v.instance(Uint8Array),
})

/** How this device is known to one organisation, and to no other. */
export interface PairwiseIdentity {
  readonly signer: RelationshipSigner
  /** The seed of the transport key under which the organisation is dialled. */
  readonly transportKey: Uint8Array
}

/**
 * This device's identity towards an organisation; made at first need, kept on this device. The other devices of the vault
 * make their own, because a slot key never leaves its device (protocol rule 14).
 */
export async function identityTowards(parts: PersonParts, organisation: Did): Promise<PairwiseIdentity> {
  const { store, keys } = parts
  const secretOfDevice = deriveKey(nodeCryptography, keys.signing.secretKey, 'muniment/relationship-device/1')
  const known = await store.get(TABLE, organisation)
  const row = known ? parseRow(known) : makeRow(secretOfDevice)
  if (!known) await store.commit([{ table: TABLE, key: organisation, value: toCanonical(row) }])
  const source = { secret: secretOfDevice, salt: row.salt }
  return {
    signer: {
      relationship: parseRelationship(nodeCryptography, row.did),
      signer: nodeCryptography.signer(slotKey(nodeCryptography, source)),
      secret: row.secret,
    },
    transportKey: peerKeyForRelationship(nodeCryptography, source),
  }
}

/** True for a contract of this device's own relationship: another device's is delivered by that device. */
export async function isOfThisDevice(
  { store }: PersonParts,
  { organisation, relationship }: Pick<Contract, 'organisation' | 'relationship'>,
): Promise<boolean> {
  const row = await store.get(TABLE, organisation.did)
  return row !== undefined && parseRelationship(nodeCryptography, parseRow(row).did).shortDid === relationship
}

interface Row {
  readonly [name: string]: string | Uint8Array
  readonly did: Did
  readonly salt: Uint8Array
  readonly secret: Uint8Array
}

function makeRow(secretOfDevice: Uint8Array): Row {
  const salt = nodeRandom(32)
  const mine = slotKey(nodeCryptography, { secret: secretOfDevice, salt })
  const components = { cryptography: nodeCryptography, random: nodeRandom }
  const { did } = createRelationship(components, { devices: [mine.publicKey] })
  return { did, salt, secret: nodeRandom(32) }
}

function parseRow(bytes: Uint8Array): Row {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success)
    throw new MunimentError('ERR_STORE_DAMAGED', 'a relationship in the store does not read')
  return parsed.output
}
