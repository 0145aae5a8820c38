import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { jwkThumbprint } from '@muniment/identity'
import {
  type Cryptography,
  type KeyPair,
  MunimentError,
  type SignatureAlgorithm,
  type Store,
} from '@muniment/interface'
import type { IAgentPlugin, IKeyManager, IKeyManagerSignArgs, ManagedKeyInfo } from '@veramo/core-types'
import * as v from 'valibot'
import { readRow, rowBytes } from '../once/row.ts'

/** The one key management system of our agents: keys in the device's own sealed store. */
export const KMS = 'muniment'
const TABLE = 'veramo.keys'

/** What of Veramo's key manager is there. Private keys are not imported and never given out. */
export type KeyMethods = Pick<
  IKeyManager,
  | 'keyManagerGetKeyManagementSystems'
  | 'keyManagerCreate'
  | 'keyManagerGet'
  | 'keyManagerDelete'
  | 'keyManagerSign'
>

/** Veramo's names of the key types that there are. Another type is refused: it is never replaced by one that there is. */
const TYPES: Readonly<Record<string, SignatureAlgorithm>> = { Ed25519: 'Ed25519', Secp256r1: 'ES256' }

interface StoredKey {
  readonly type: string
  readonly public: Uint8Array
  readonly secret: Uint8Array
}

const KEY: v.GenericSchema<unknown, StoredKey> = v.strictObject({
  type: v.string(),
  public: v.instance(Uint8Array),
  secret: v.instance(Uint8Array),
})

/**
 * Veramo's key manager over our store and the platform's cryptography. A key's id is its JWK thumbprint. Signatures are
 * base64url of 64 bytes. Throws `ERR_UNSUPPORTED` for other key types and `ERR_KEY_UNKNOWN`.
 */
export function keyPlugin({
  cryptography,
  store,
}: {
  readonly cryptography: Cryptography
  readonly store: Store
}): IAgentPlugin & { readonly methods: KeyMethods } {
  const load = async (kid: string): Promise<StoredKey> => {
    const found = await readRow(store, KEY, { table: TABLE, key: kid })
    if (!found) throw new MunimentError('ERR_KEY_UNKNOWN', 'there is no such key here')
    return found
  }
  return {
    methods: {
      keyManagerGetKeyManagementSystems: async () => [KMS],
      async keyManagerCreate({ kms, type }) {
        const algorithm = algorithmOf(type)
        if (kms !== KMS)
          throw new MunimentError('ERR_UNSUPPORTED', 'there is no such key management system here')
        const { publicKey, secretKey } = cryptography.generateKeyPair(algorithm)
        const kid = jwkThumbprint(cryptography, publicKey)
        const row = { type, public: publicKey.bytes, secret: secretKey }
        await store.commit([{ table: TABLE, key: kid, value: rowBytes(row) }])
        return describe(kid, row)
      },
      keyManagerGet: async ({ kid }) => describe(kid, await load(kid)),
      async keyManagerDelete({ kid }) {
        await load(kid)
        await store.commit([{ table: TABLE, key: kid, value: undefined }])
        return true
      },
      async keyManagerSign(args) {
        const pair = pairOf(await load(args.keyRef))
        return base64url(await cryptography.signer(pair).sign(messageOf(args)))
      },
    },
  }
}

function algorithmOf(type: string): SignatureAlgorithm {
  const algorithm = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (!algorithm) throw new MunimentError('ERR_UNSUPPORTED', 'keys of this type are not made here')
  return algorithm
}

function pairOf(key: StoredKey): KeyPair {
  return { publicKey: { algorithm: algorithmOf(key.type), bytes: key.public }, secretKey: key.secret }
}

function describe(kid: string, { public: bytes, type }: StoredKey): ManagedKeyInfo {
  const publicKeyHex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { kid, kms: KMS, type, publicKeyHex, meta: { algorithms: [type === 'Ed25519' ? 'EdDSA' : 'ES256'] } }
}

/** `base64` is read as base64url, which is what our signer sends; text is the default, as in Veramo. */
function messageOf({ data, encoding = 'utf-8' }: IKeyManagerSignArgs): Uint8Array {
  if (encoding === 'utf-8') return utf8(data)
  if (encoding === 'base64')
    return fromBase64url(data.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))
  if (!/^(?:[0-9a-f]{2})*$/i.test(data)) throw new MunimentError('ERR_MALFORMED', 'this is not hexadecimal')
  return Uint8Array.from(data.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
