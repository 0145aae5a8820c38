import { didJwk, didKey } from '@muniment/identity'
import { MunimentError, type PublicKey, type Store } from '@muniment/interface'
import type {
  IAgentContext,
  IAgentPlugin,
  IDIDManager,
  IDIDManagerCreateArgs,
  IIdentifier,
  IKey,
  IKeyManager,
} from '@veramo/core-types'
import * as v from 'valibot'
import { parseRow, readRow, rowBytes } from '../once/row.ts'
import { KMS } from './key-plugin.ts'

const TABLE = 'veramo.identifiers'
const PROVIDERS = ['did:jwk', 'did:key'] as const

/** The methods of the key manager that identifiers call. */
export type KeyContext = IAgentContext<IKeyManager>

type Offered =
  | 'didManagerGetProviders'
  | 'didManagerCreate'
  | 'didManagerGet'
  | 'didManagerFind'
  | 'didManagerGetByAlias'
  | 'didManagerDelete'

/**
 * What of Veramo's DID manager is there: DIDs that are a key, which cannot be changed afterwards. Veramo passes the context
 * to every method; its own types name it only for some.
 */
export type IdentifierMethods = {
  readonly [K in Offered]: (
    args: Parameters<IDIDManager[K]>[0],
    context: KeyContext,
  ) => ReturnType<IDIDManager[K]>
}

interface StoredIdentifier {
  readonly provider: string
  readonly kid: string
  readonly alias: string | null
}

const IDENTIFIER: v.GenericSchema<unknown, StoredIdentifier> = v.strictObject({
  provider: v.string(),
  kid: v.string(),
  alias: v.nullable(v.string()),
})
const OPTIONS = v.object({ keyType: v.optional(v.string(), 'Secp256r1') })

/**
 * Veramo's DID manager over our store, for did:jwk and did:key. `options.keyType` is `Secp256r1` (default) or `Ed25519`, and
 * what is asked for is what is made. Throws `ERR_UNSUPPORTED`, `ERR_NOT_FOUND`, and `ERR_ALREADY_EXISTS` for an alias that is
 * taken.
 */
export function identifierPlugin({ store }: { readonly store: Store }): IAgentPlugin & {
  readonly methods: IdentifierMethods
} {
  const all = async (): Promise<readonly { readonly did: string; readonly row: StoredIdentifier }[]> => {
    const found: { did: string; row: StoredIdentifier }[] = []
    for await (const { key, value } of store.listNames(TABLE))
      found.push({ did: key, row: parseRow(IDENTIFIER, value) })
    return found
  }
  return {
    methods: {
      didManagerGetProviders: async () => [...PROVIDERS],
      async didManagerCreate(args, context) {
        const alias = args.alias ?? null
        if (alias !== null && (await all()).some(({ row }) => row.alias === alias)) {
          throw new MunimentError('ERR_ALREADY_EXISTS', 'this alias is taken')
        }
        const { did, row } = await create(args, context)
        await store.commit([{ table: TABLE, key: did, value: rowBytes({ ...row, alias }) }])
        return describe(context, did, { ...row, alias })
      },
      async didManagerGet({ did }, context) {
        const row = await readRow(store, IDENTIFIER, { table: TABLE, key: did })
        if (!row) throw notFound()
        return describe(context, did, row)
      },
      async didManagerFind({ alias, provider }, context) {
        const wanted = (await all()).filter(
          ({ row }) => (alias ?? row.alias) === row.alias && (provider ?? row.provider) === row.provider,
        )
        return Promise.all(wanted.map(({ did, row }) => describe(context, did, row)))
      },
      async didManagerGetByAlias({ alias }, context) {
        const found = (await all()).find(({ row }) => row.alias === alias)
        if (!found) throw notFound()
        return describe(context, found.did, found.row)
      },
      async didManagerDelete({ did }, context) {
        const row = await readRow(store, IDENTIFIER, { table: TABLE, key: did })
        if (!row) throw notFound()
        await context.agent.keyManagerDelete({ kid: row.kid })
        await store.commit([{ table: TABLE, key: did, value: undefined }])
        return true
      },
    },
  }
}

async function create(
  { kms = KMS, options = {}, provider = 'did:jwk' }: IDIDManagerCreateArgs,
  { agent }: KeyContext,
): Promise<{ readonly did: string; readonly row: Omit<StoredIdentifier, 'alias'> }> {
  const parsed = v.safeParse(OPTIONS, options)
  if (!parsed.success || !PROVIDERS.some((known) => known === provider)) {
    throw new MunimentError('ERR_UNSUPPORTED', 'identifiers of this kind are not made here')
  }
  const key = await agent.keyManagerCreate({ kms, type: parsed.output.keyType })
  const publicKey = publicKeyOf(key)
  return {
    did: provider === 'did:key' ? didKey(publicKey) : didJwk(publicKey),
    row: { provider, kid: key.kid },
  }
}

async function describe({ agent }: KeyContext, did: string, row: StoredIdentifier): Promise<IIdentifier> {
  const key = await agent.keyManagerGet({ kid: row.kid })
  return {
    did,
    provider: row.provider,
    controllerKeyId: row.kid,
    keys: [key],
    services: [],
    ...(row.alias !== null && { alias: row.alias }),
  }
}

/** The public key that Veramo describes in hexadecimal. */
export function publicKeyOf({ publicKeyHex, type }: Pick<IKey, 'publicKeyHex' | 'type'>): PublicKey {
  const bytes = Uint8Array.from(publicKeyHex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return { algorithm: type === 'Ed25519' ? 'Ed25519' : 'ES256', bytes }
}

function notFound(): MunimentError {
  return new MunimentError('ERR_NOT_FOUND', 'there is no such identifier here')
}
