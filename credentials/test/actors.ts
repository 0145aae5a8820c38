import { jwkFromPublicKey } from '@muniment/identity'
import type { Clock, Store } from '@muniment/interface'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import {
  type HeldCredential,
  type HeldCredentials,
  type Holder,
  type Issuer,
  openHolder,
  openIssuer,
  openVerifier,
  PRE_AUTHORIZED_CODE,
  type Verifier,
} from '../src/index.ts'

export { cryptography, random }

/** A clock that a test moves. It starts on an ordinary day, not at the start of a week. */
export function unsafeTestingClock(): Clock & { time: number } {
  return {
    time: Date.UTC(2026, 10, 23, 21, 17, 5, 123),
    now() {
      return this.time
    },
    wait: () => Promise.resolve(),
  }
}

export function memoryStore(): Promise<Store> {
  return openMemoryStore({ key: random(32), cryptography, random })
}

/** The part of the vault that holds credentials, in memory. */
function memoryHeld(): HeldCredentials {
  const kept = new Map<string, HeldCredential>()
  return {
    put: async (credential) => void kept.set(credential.id, credential),
    get: async (id) => kept.get(id),
    list: async () => [...kept.values()],
  }
}

/** How many rows a table of names has. */
export async function countRows(store: Store, table: string): Promise<number> {
  let count = 0
  for await (const _row of store.listNames(table)) count++
  return count
}

export const COUNCIL = 'did:web:council.example'
export const LANDLORD = 'decentralized_identifier:did:web:landlord.example'
export const HOME = {
  given_name: 'Alice',
  family_name: 'Archer',
  address: { street_address: '1 Park Row', postal_code: 'LS1 1UR', locality: 'Leeds', country: 'GB' },
}

export interface World {
  readonly clock: Clock & { time: number }
  readonly council: Issuer
  readonly councilKey: ReturnType<typeof cryptography.generateKeyPair>
  readonly councilStore: Store
  readonly phone: Holder
  readonly phoneStore: Store
  readonly held: HeldCredentials
  readonly landlord: Verifier
  readonly landlordStore: Store
  reopenLandlord(): Promise<Verifier>
}

/** A council, Alice's phone and a landlord who trusts the council, each with a store of its own. */
export async function newWorld(): Promise<World> {
  const clock = unsafeTestingClock()
  const [councilStore, phoneStore, landlordStore] = [
    await memoryStore(),
    await memoryStore(),
    await memoryStore(),
  ]
  const councilKey = cryptography.generateKeyPair('ES256')
  const signer = cryptography.signer(councilKey)
  const held = memoryHeld()
  const issuerKey = async (issuer: string | undefined) =>
    issuer === COUNCIL ? councilKey.publicKey : undefined
  const reopenLandlord = () =>
    openVerifier({ cryptography, random, clock, store: landlordStore, issuerKey }, { clientId: LANDLORD })
  return {
    clock,
    council: await openIssuer(
      { cryptography, random, clock, store: councilStore, signer },
      { issuer: COUNCIL },
    ),
    councilKey,
    councilStore,
    phone: openHolder({ cryptography, random, clock, store: phoneStore, held }),
    phoneStore,
    held,
    landlord: await reopenLandlord(),
    landlordStore,
    reopenLandlord,
  }
}

/** What an outcome found; fails the test with its problems otherwise. */
export function found<T extends { readonly ok: boolean }>(outcome: T): Extract<T, { readonly ok: true }> {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return outcome as Extract<T, { readonly ok: true }>
}

/** Alice takes up a new offer of the council on her phone, and gets that many copies. */
export async function receive(
  world: World,
  count: number,
  claims: object = HOME,
  template = 'proof-of-address',
) {
  const { response } = await takeUp(world, claims, template)
  return fetchCopies(world, { count, response, template })
}

export async function fetchCopies(
  world: Pick<World, 'council' | 'phone' | 'councilKey'>,
  ask: {
    readonly count: number
    readonly response: { readonly access_token: string; readonly refresh_token: string }
    readonly template?: string
    readonly credential?: string
  },
) {
  const { council, phone, councilKey } = world
  const { count, response, template = 'proof-of-address', credential } = ask
  const batch = await phone.beginBatch(count)
  const jwt = await phone.proofs(batch, { audience: COUNCIL, nonce: council.nonce().c_nonce })
  const request = { credential_configuration_id: template, proofs: { jwt } }
  const issued = found(await council.credential(request, response.access_token))
  return phone.acceptBatch(batch, {
    tokens: issued.response.credentials.map(({ credential: token }) => token),
    issuerKey: councilKey.publicKey,
    grant: { issuer: COUNCIL, configurationId: template, refreshToken: response.refresh_token },
    ...(credential !== undefined && { credential }),
  })
}

export function proofHeader(key: ReturnType<typeof cryptography.generateKeyPair>['publicKey']) {
  return { typ: 'openid4vci-proof+jwt', jwk: { ...jwkFromPublicKey(key) } }
}

/** Alice takes up a new offer of the council: the token request she made, and the answer. */
export async function takeUp(world: World, claims: object = HOME, template = 'proof-of-address') {
  const { offer } = await world.council.offer({ template, claims: claims as never })
  const code = offer.grants[PRE_AUTHORIZED_CODE]['pre-authorized_code']
  const request = { grant_type: PRE_AUTHORIZED_CODE, 'pre-authorized_code': code }
  return { request, response: found(await world.council.token(request)).response }
}
