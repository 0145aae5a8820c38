import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type Did, MunimentError, type Store } from '@muniment/interface'
import * as v from 'valibot'

const TABLE = 'request'

/** A request that was opened on this device, with what was prepared for it. */
export interface OpenRequest {
  readonly id: string
  readonly did: Did
  readonly addresses: readonly string[]
  /** The signed offer, as it came. */
  readonly jws: string
  readonly state: 'open' | 'shared' | 'refused' | 'declined'
  /** The final bytes that were previewed last, and the answer they carry, as JSON. */
  readonly presentation?: Uint8Array
  readonly answer?: string
}

const schema = v.strictObject({
  id: v.string(),
  did: v.string(),
  addresses: v.array(v.string()),
  jws: v.string(),
  state: v.picklist(['open', 'shared', 'refused', 'declined']),
  presentation: v.exactOptional(v.instance(Uint8Array)),
  answer: v.exactOptional(v.string()),
})

/** Keeps a request. */
export async function writeRequest(store: Store, request: OpenRequest): Promise<void> {
  await store.commit([{ table: TABLE, key: request.id, value: toCanonical({ ...request }) }])
}

/** Reads a request, or gives `undefined`. */
export async function readRequest(store: Store, id: string): Promise<OpenRequest | undefined> {
  const bytes = await store.get(TABLE, id)
  return bytes && parseRequest(bytes)
}

/** Reads a request that must be there. Throws `ERR_NOT_FOUND`. */
export async function requestOf(store: Store, id: string): Promise<OpenRequest> {
  const request = await readRequest(store, id)
  if (!request) throw new MunimentError('ERR_NOT_FOUND', 'no request of this id was opened here')
  return request
}

/** Every request that was opened. */
export async function* listRequests(store: Store): AsyncIterable<OpenRequest> {
  for await (const { value } of store.listNames(TABLE)) yield parseRequest(value)
}

function parseRequest(bytes: Uint8Array): OpenRequest {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success) throw new MunimentError('ERR_STORE_DAMAGED', 'a request in the store does not read')
  return parsed.output
}
