import { fromCanonical, toCanonical } from '@muniment/crypto'
import type { Store } from '@muniment/interface'
import { parseAddresses } from './addresses.ts'

const TABLE = 'device'
const ROW = 'listen'
/** On all addresses of this machine, on a port that the system chooses the first time. */
const ANYWHERE = '/ip4/0.0.0.0/tcp/0'

/** Where to listen: the first time where `MUNIMENT_LISTEN` says, or anywhere; then on the port of last time, so that other devices find this one again after a restart. */
export async function lastListen(store: Store): Promise<readonly string[]> {
  const told = process.env['MUNIMENT_LISTEN']
  const bytes = await store.get(TABLE, ROW)
  const known = bytes ? parseAddresses(fromCanonical(bytes)) : []
  return known.length > 0 ? known : [told ?? ANYWHERE]
}

/** Keeps the port that was listened on in place of one that the system chose. */
export async function rememberListen(
  store: Store,
  listen: readonly string[],
  addresses: readonly string[],
): Promise<void> {
  const port = /\/tcp\/(\d+)/u.exec(addresses[0] ?? '')?.[1]
  if (port === undefined) return
  const chosen = listen.map((address) => address.replace(/\/tcp\/0$/u, `/tcp/${port}`))
  await store.commit([{ table: TABLE, key: ROW, value: toCanonical(chosen) }])
}
