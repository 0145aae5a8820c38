import { fromUtf8, utf8 } from '@muniment/crypto'
import { type KeyPair, MunimentError, type Store, type StoreChange } from '@muniment/interface'

const TABLE = 'organisation'
const ISSUERS = 'organisation.issuers'

/** What an organisation knows of itself. */
export interface OrganisationRows {
  readonly name: string
  /** ES256: signs credentials, offers and receipts. */
  readonly signing: KeyPair
  readonly transportKey: Uint8Array
}

/** The changes that keep an organisation's rows. */
export function organisationChanges({
  name,
  signing,
  transportKey,
}: OrganisationRows): readonly StoreChange[] {
  return [
    { table: TABLE, key: 'name', value: utf8(name) },
    { table: TABLE, key: 'public', value: signing.publicKey.bytes },
    { table: TABLE, key: 'secret', value: signing.secretKey },
    { table: TABLE, key: 'transport', value: transportKey },
  ]
}

/** Reads them back; throws `ERR_STORE_DAMAGED` when one is missing. */
export async function readOrganisationRows(store: Store): Promise<OrganisationRows> {
  const [name, bytes, secretKey, transportKey] = await Promise.all(
    ['name', 'public', 'secret', 'transport'].map((row) => store.get(TABLE, row)),
  )
  if (!name || !bytes || !secretKey || !transportKey) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'the keys of this organisation are missing from its store')
  }
  const signing: KeyPair = { publicKey: { algorithm: 'ES256', bytes }, secretKey }
  return { name: fromUtf8(name), signing, transportKey }
}

/** Trusts issuers from now on. */
export async function trustIssuers(store: Store, issuers: readonly string[]): Promise<void> {
  await store.commit(issuers.map((issuer) => ({ table: ISSUERS, key: issuer, value: utf8(issuer) })))
}

/** True for an issuer that the organisation trusts. */
export async function isTrustedIssuer(store: Store, issuer: string): Promise<boolean> {
  return (await store.get(ISSUERS, issuer)) !== undefined
}
