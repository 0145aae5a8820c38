import {
  base64url,
  concat,
  fromBase64url,
  fromCanonical,
  hashInDomain,
  inDomain,
  open,
  seal,
  type SealComponents,
  toCanonical,
} from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  isMunimentError,
  type KeyId,
  MunimentError,
  type Signer,
  type VaultId,
  type VersionVector,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_DEVICES, MAX_HEADS, MAX_KEYRING_LENGTH } from './constants.ts'
import type { KeyringContent } from './keyring-content.ts'
import type { Lockbox } from './lockbox.ts'
import { epochOf } from './roster-operation.ts'
import { bytesOf, bytesUpTo, id32 } from './schemas.ts'

const KEY_ID_LENGTH = 16
const DATA_KEY_LENGTH = 32
const DOMAIN = 'muniment/keyring/1'

/** What wraps a keyring: the epoch key, sealed to the devices of the epoch. */
export interface KeyringWrap {
  /** The roster's heads when the key was made; their hash is the epoch's name. */
  readonly heads: readonly string[]
  readonly epoch: string
  /** 16 bytes: the name of the epoch key, a hash of it. */
  readonly keyId: Uint8Array
  readonly epochKey: Uint8Array
  readonly lockboxes: readonly Lockbox[]
}

/** A keyring as it lies in its file and travels, before it is opened. */
export interface SealedKeyring {
  readonly epoch: string
  readonly keyId: Uint8Array
  readonly lockboxes: readonly Lockbox[]
  readonly body: Uint8Array
}

/** A keyring that was opened: who wrote it, and what it says. Its signature is checked, membership is not. */
export interface OpenedKeyring {
  readonly author: DeviceId
  readonly wrap: KeyringWrap
  readonly content: KeyringContent
}

/** The name of an epoch key. It tells nothing of the key, and a keyring cannot name another one than it is under. */
export function epochKeyId(cryptography: Cryptography, epochKey: Uint8Array): Uint8Array {
  return hashInDomain(cryptography, 'muniment/epoch-key/1', epochKey).subarray(0, KEY_ID_LENGTH)
}

const sealedSchema = v.strictObject({
  v: v.literal(1),
  epoch: id32,
  keyId: bytesOf(KEY_ID_LENGTH),
  lockboxes: v.pipe(
    v.array(
      v.strictObject({
        label: bytesOf(16),
        encapsulated: bytesOf(1120),
        sealed: bytesOf(DATA_KEY_LENGTH + 16),
      }),
    ),
    v.maxLength(MAX_DEVICES),
  ),
  body: bytesUpTo(MAX_KEYRING_LENGTH),
})

/** Reads a keyring's bytes; throws `ERR_MALFORMED`, `ERR_TOO_LARGE`, and `ERR_UNSUPPORTED` for a newer version. */
export function parseKeyring(bytes: Uint8Array): SealedKeyring {
  if (bytes.length > MAX_KEYRING_LENGTH)
    throw new MunimentError('ERR_TOO_LARGE', 'the keyring is over its limit')
  const value = fromCanonical(bytes)
  const parsed = v.safeParse(sealedSchema, value)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'these bytes are not a keyring')
  const { v: _version, ...sealed } = parsed.output
  return sealed
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const bodySchema = v.strictObject({
  author: id32,
  heads: v.pipe(v.array(id32), v.maxLength(MAX_HEADS * 4)),
  version: v.record(id32, count),
  keys: v.instance(Uint8Array),
  erased: v.instance(Uint8Array),
  signature: bytesOf(64),
})

/** Writes a keyring: signed by this device, sealed under the epoch key. */
export async function writeKeyring(
  components: SealComponents,
  {
    vault,
    author,
    sign,
  }: { readonly vault: VaultId; readonly author: DeviceId; readonly sign: Signer['sign'] },
  { wrap, content }: { readonly wrap: KeyringWrap; readonly content: KeyringContent },
): Promise<Uint8Array> {
  const { epoch, keyId, lockboxes, heads } = wrap
  const said = {
    author,
    heads,
    version: content.version,
    keys: packKeys(content),
    erased: packIds(content.erased),
  }
  const signature = await sign(signedBytes(vault, wrap, said))
  const body = seal(components, wrap.epochKey, toCanonical({ ...said, signature }), associated(vault, wrap))
  const bytes = toCanonical({
    v: 1,
    epoch,
    keyId,
    lockboxes: plainBoxes(lockboxes),
    body,
  })
  if (bytes.length > MAX_KEYRING_LENGTH)
    throw new MunimentError('ERR_TOO_LARGE', 'the keyring is over its limit')
  return bytes
}

/**
 * Opens a keyring with its epoch key and checks that all of it is signed by the author it names. Throws
 * `ERR_MALFORMED` and `ERR_BAD_SIGNATURE`.
 */
export function openKeyringBody(
  cryptography: Cryptography,
  { vault, epochKey }: { readonly vault: VaultId; readonly epochKey: Uint8Array },
  sealed: SealedKeyring,
): OpenedKeyring {
  if (!cryptography.equal(epochKeyId(cryptography, epochKey), sealed.keyId)) throw malformed()
  const { signature, ...said } = parseBody(opened(cryptography, { vault, epochKey }, sealed))
  if (epochOf(cryptography, said.heads) !== sealed.epoch) throw malformed()
  const publicKey = { algorithm: 'Ed25519', bytes: fromBase64url(said.author) } as const
  if (!cryptography.verify(publicKey, signedBytes(vault, sealed, said), signature)) {
    throw new MunimentError('ERR_BAD_SIGNATURE', 'the keyring is not signed by the device it names')
  }
  const { epoch, keyId, lockboxes } = sealed
  const content = {
    version: said.version,
    keys: unpackKeys(said.keys),
    erased: new Set(unpackIds(said.erased)),
  }
  return { author: said.author, wrap: { heads: said.heads, epoch, keyId, epochKey, lockboxes }, content }
}

function opened(
  cryptography: Cryptography,
  { vault, epochKey }: { readonly vault: VaultId; readonly epochKey: Uint8Array },
  sealed: SealedKeyring,
): Uint8Array {
  try {
    return open(cryptography, epochKey, sealed.body, associated(vault, sealed))
  } catch (error) {
    if (isMunimentError(error, 'ERR_SEAL_OPEN')) throw malformed()
    throw error
  }
}

interface Said {
  readonly author: DeviceId
  readonly heads: readonly string[]
  readonly version: VersionVector
  readonly keys: Uint8Array
  readonly erased: Uint8Array
}

function parseBody(bytes: Uint8Array): v.InferOutput<typeof bodySchema> {
  const parsed = v.safeParse(bodySchema, fromCanonical(bytes))
  if (!parsed.success) throw malformed()
  return parsed.output
}

function signedBytes(
  vault: VaultId,
  outside: Pick<SealedKeyring, 'epoch' | 'keyId' | 'lockboxes'>,
  said: Said,
): Uint8Array {
  const { epoch, keyId, lockboxes } = outside
  return inDomain(DOMAIN, toCanonical({ vault, epoch, keyId, lockboxes: plainBoxes(lockboxes), ...said }))
}

function plainBoxes(lockboxes: readonly Lockbox[]): { readonly [name: string]: Uint8Array }[] {
  return lockboxes.map(({ label, encapsulated, sealed }) => ({ label, encapsulated, sealed }))
}

function associated(vault: VaultId, { epoch, keyId }: Pick<SealedKeyring, 'epoch' | 'keyId'>): Uint8Array {
  return inDomain(DOMAIN, toCanonical([vault, epoch, keyId]))
}

/** Ids and keys one after the other, ascending by id: a map of ten thousand would cost ten times as much to encode. */
function packKeys({ keys }: KeyringContent): Uint8Array {
  const sorted = [...keys].sort(([left], [right]) => (left < right ? -1 : 1))
  return concat(...sorted.flatMap(([id, key]) => [fromBase64url(id), key]))
}

function packIds(ids: ReadonlySet<KeyId>): Uint8Array {
  return concat(...[...ids].sort().map((id) => fromBase64url(id)))
}

function unpackKeys(packed: Uint8Array): Map<KeyId, Uint8Array> {
  const size = KEY_ID_LENGTH + DATA_KEY_LENGTH
  if (packed.length % size !== 0) throw malformed()
  const keys = new Map<KeyId, Uint8Array>()
  for (let at = 0; at < packed.length; at += size) {
    keys.set(base64url(packed.subarray(at, at + KEY_ID_LENGTH)), packed.slice(at + KEY_ID_LENGTH, at + size))
  }
  return keys
}

function unpackIds(packed: Uint8Array): KeyId[] {
  if (packed.length % KEY_ID_LENGTH !== 0) throw malformed()
  const ids: KeyId[] = []
  for (let at = 0; at < packed.length; at += KEY_ID_LENGTH)
    ids.push(base64url(packed.subarray(at, at + KEY_ID_LENGTH)))
  return ids
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'these bytes are not a keyring of this vault')
}
