import { base64url, type SealComponents } from '@muniment/crypto'
import {
  type DataKeys,
  type EpochId,
  type KeyId,
  type KeyringFile,
  MunimentError,
  type Outcome,
  type Refusal,
  type VersionVector,
} from '@muniment/interface'
import type { DeviceKeys } from './device-keys.ts'
import { inTurn } from './in-turn.ts'
import {
  EMPTY_CONTENT,
  isAllOf,
  type KeyringContent,
  mergeContent,
  withKeys,
  withoutKeys,
} from './keyring-content.ts'
import {
  epochKeyId,
  type KeyringWrap,
  openKeyringBody,
  type OpenedKeyring,
  parseKeyring,
  type SealedKeyring,
  writeKeyring,
} from './keyring-object.ts'
import { listeners } from './listeners.ts'
import { lockboxLabel, openLockbox, sealLockbox } from './lockbox.ts'
import type { Roster } from './roster.ts'

/** What a keyring needs of its surroundings. */
export interface KeyringComponents extends SealComponents {
  readonly file: KeyringFile
  readonly roster: Roster
  readonly keys: DeviceKeys
}

/** What a keyring says of itself, to compare two: which epoch's key it is under, and the changes in it. */
export interface KeyringDescription {
  /** `undefined` before anything was written. */
  readonly epoch: EpochId | undefined
  /** For each device, how many of its changes are in it. */
  readonly version: VersionVector
}

/**
 * The one object that holds the data keys still alive (protocol rule 5): sealed under the epoch's key, which is sealed
 * to each device; replaced as a whole.
 */
export interface Keyring extends DataKeys {
  describe(): KeyringDescription
  /** The keyring as it is sent to another device; `undefined` before anything was written. */
  bytes(): Uint8Array | undefined
  /**
   * Takes in another device's keyring: the union of the keys without the union of what was erased. Durable when it
   * resolves. Problem codes: `malformed`, `no_lockbox` (it is not sealed to this device), `bad_signature`,
   * `not_a_member` (its author is no device of the vault, or not one that this device knows yet).
   */
  merge(bytes: Uint8Array): Promise<Outcome<{ readonly isNew: boolean }>>
  /** Destroys keys, under a fresh epoch key; what they sealed can be opened by nobody who has merged this. */
  erase(ids: readonly KeyId[]): Promise<void>
  /** Makes a fresh epoch key for the roster's present devices, if the one in use is of another epoch. */
  renew(): Promise<void>
  /** Calls the listener after the keyring changed, here or by a merge. */
  onChange(listener: () => void): () => void
}

/** Epoch keys kept in memory beside the one in use, so that news under a key just seen costs no opening of a lockbox. */
const REMEMBERED_KEYS = 8

interface Held {
  readonly content: KeyringContent
  readonly wrap: KeyringWrap | undefined
  readonly bytes: Uint8Array | undefined
}

/**
 * Opens this device's keyring from its file. Throws `ERR_STORE_DAMAGED` for a file that this device cannot open or that
 * no device of the vault has signed.
 */
export async function openKeyring(components: KeyringComponents): Promise<Keyring> {
  const { cryptography, random, file, roster, keys } = components
  const signer = cryptography.signer(keys.signing)
  const by = { vault: roster.vault, author: keys.id, sign: (message: Uint8Array) => signer.sign(message) }
  const remembered = new Map<string, Uint8Array>()
  const opening = { ...components, remembered }
  const [turn, changed] = [inTurn(), listeners()]
  let held = await readFile(opening)
  let waiting: Map<KeyId, Uint8Array> | undefined
  let flush: Promise<void> | undefined

  async function keep(next: Held): Promise<void> {
    if (next.bytes && next.bytes !== held.bytes) await file.replace(next.bytes)
    held = next
    if (next.wrap) remember(remembered, next.wrap)
    changed.call()
  }

  async function write(content: KeyringContent, wrap: KeyringWrap): Promise<void> {
    await keep({ content, wrap, bytes: await writeKeyring(components, by, { wrap, content }) })
  }

  async function change(content: KeyringContent, isFreshKey = false): Promise<void> {
    const isKept = held.wrap && !isFreshKey && !isStale(roster, held.wrap)
    await write(content, isKept && held.wrap ? held.wrap : await freshWrap(components))
  }

  async function renew(): Promise<void> {
    if (!held.wrap || isStale(roster, held.wrap)) await change(held.content)
  }

  async function create(): Promise<void> {
    const made = waiting ?? new Map<KeyId, Uint8Array>()
    waiting = undefined
    flush = undefined
    await change(withKeys(held.content, keys.id, made))
  }

  async function merge({ content, wrap }: OpenedKeyring, bytes: Uint8Array): Promise<boolean> {
    const before = held
    const whole = mergeContent(held.content, content)
    const isTheirs = !held.wrap || prefers(components, wrap, held.wrap)
    const [chosen, side] = isTheirs || !held.wrap ? [wrap, content] : [held.wrap, held.content]
    if (needsFresh(components, { chosen, erasedUnder: side.erased.size, erased: whole.erased.size })) {
      await write(whole, await freshWrap(components))
    } else if (!isAllOf(whole, side)) await write(whole, chosen)
    else if (isTheirs) await keep({ content: whole, wrap, bytes })
    return held !== before
  }

  // The author of the change renews at once; the others with their next write, or when they see someone left out.
  const ignore = (): void => undefined // still due: the next write tries again, and throws
  roster.onChange(() => void (isAuthorOfHead(roster, keys) && turn(renew).catch(ignore)))
  if (held.wrap && isAuthorOfHead(roster, keys)) await turn(renew)

  return {
    get: (id) => held.content.keys.get(id),
    isErased: (id) => held.content.erased.has(id),
    describe: () => ({ epoch: held.wrap?.epoch, version: held.content.version }),
    bytes: () => held.bytes,
    onChange: (listener) => changed.add(listener),
    renew: () => turn(renew),
    async create(amount) {
      const ids: KeyId[] = []
      waiting ??= new Map()
      for (let made = 0; made < amount; made++) {
        const id = base64url(random(16))
        ids.push(id)
        waiting.set(id, random(32))
      }
      flush ??= turn(create)
      await flush
      return ids
    },
    erase: (ids) => turn(() => change(withoutKeys(held.content, keys.id, ids), true)),
    merge: (bytes) =>
      turn(async () => {
        if (held.bytes && cryptography.equal(held.bytes, bytes)) return { ok: true, isNew: false }
        const opened = await openFor(opening, bytes)
        return opened.ok ? { ok: true, isNew: await merge(opened, bytes) } : opened
      }),
  }
}

type Opening = KeyringComponents & { readonly remembered: Map<string, Uint8Array> }

async function readFile(components: Opening): Promise<Held> {
  const bytes = await components.file.read()
  if (!bytes) return { content: EMPTY_CONTENT, wrap: undefined, bytes: undefined }
  const opened = await openFor(components, bytes)
  if (opened.ok) {
    remember(components.remembered, opened.wrap)
    return { content: opened.content, wrap: opened.wrap, bytes }
  }
  const [problem] = opened.problems
  throw new MunimentError(
    'ERR_STORE_DAMAGED',
    `the keyring file cannot be used: ${problem?.message ?? 'no reason'}`,
  )
}

function remember(remembered: Map<string, Uint8Array>, { keyId, epochKey }: KeyringWrap): void {
  const name = base64url(keyId)
  remembered.delete(name)
  remembered.set(name, epochKey)
  const [oldest] = remembered.keys()
  if (remembered.size > REMEMBERED_KEYS && oldest !== undefined) remembered.delete(oldest)
}

/** Opens a keyring's bytes as this device and checks all that there is to check. */
async function openFor(
  components: Opening,
  bytes: Uint8Array,
): Promise<({ ok: true } & OpenedKeyring) | Refusal> {
  const { cryptography, roster } = components
  try {
    const sealed = parseKeyring(bytes)
    const epochKey = await epochKeyOf(components, sealed)
    if (!epochKey) return no('no_lockbox', 'the keyring is not sealed to this device')
    const opened = openKeyringBody(cryptography, { vault: roster.vault, epochKey }, sealed)
    if (roster.isMember(opened.author)) return { ok: true, ...opened }
    return no('not_a_member', 'the keyring was written by no device of this vault')
  } catch (error) {
    if (!(error instanceof MunimentError)) throw error
    const code = error.code === 'ERR_BAD_SIGNATURE' ? 'bad_signature' : 'malformed'
    return no(code, error.message)
  }
}

async function epochKeyOf({ cryptography, roster, keys, remembered }: Opening, sealed: SealedKeyring) {
  const known = remembered.get(base64url(sealed.keyId))
  if (known) return known
  const place = { vault: roster.vault, epoch: sealed.epoch, keyId: sealed.keyId }
  return openLockbox(cryptography, { lockboxes: sealed.lockboxes, place }, keys)
}

/** A fresh epoch key for the roster's present epoch, in lockboxes for all its devices. */
async function freshWrap({ cryptography, random, roster }: KeyringComponents): Promise<KeyringWrap> {
  const [heads, epoch, devices] = [roster.heads(), roster.epoch(), roster.devices()]
  const epochKey = random(32)
  const keyId = epochKeyId(cryptography, epochKey)
  const place = { vault: roster.vault, epoch, keyId }
  const lockboxes = await Promise.all(
    devices.map((device) => sealLockbox(cryptography, { epochKey, place }, device)),
  )
  return { heads, epoch, keyId, epochKey, lockboxes }
}

/** The wrap's author knew of changes of the roster that have not arrived here: its lockboxes are not ours to judge. */
function isAhead(roster: Roster, { heads }: KeyringWrap): boolean {
  return !heads.every((head) => roster.knows(head))
}

function isStale(roster: Roster, wrap: KeyringWrap): boolean {
  return wrap.epoch !== roster.epoch() && !isAhead(roster, wrap)
}

/** How many of the devices known here have a lockbox. */
function covered({ cryptography, roster }: KeyringComponents, { keyId, lockboxes }: KeyringWrap): number {
  const labels = new Set(lockboxes.map(({ label }) => base64url(label)))
  return roster.devices().filter(({ id }) => labels.has(base64url(lockboxLabel(cryptography, keyId, id))))
    .length
}

/**
 * Whether theirs rather than ours goes on to be used. Devices that know the same roster decide alike: what is of an
 * epoch not known here yet, then what is of the present epoch, then what leaves fewer out, then the smaller name.
 */
function prefers(components: KeyringComponents, theirs: KeyringWrap, ours: KeyringWrap): boolean {
  const { roster } = components
  const rank = (wrap: KeyringWrap): number => (isAhead(roster, wrap) ? 2 : isStale(roster, wrap) ? 0 : 1)
  if (rank(theirs) !== rank(ours)) return rank(theirs) > rank(ours)
  const [those, these] = [covered(components, theirs), covered(components, ours)]
  if (those !== these) return those > these
  return base64url(theirs.keyId) < base64url(ours.keyId)
}

/** Whether a merge needs a fresh key: a device would be left out, or more is erased than when the key was made. */
function needsFresh(
  components: KeyringComponents,
  {
    chosen,
    erasedUnder,
    erased,
  }: { readonly chosen: KeyringWrap; readonly erasedUnder: number; readonly erased: number },
): boolean {
  if (isAhead(components.roster, chosen)) return false
  return erased > erasedUnder || covered(components, chosen) < components.roster.devices().length
}

function isAuthorOfHead(roster: Roster, keys: DeviceKeys): boolean {
  const heads = new Set(roster.heads())
  return roster.operations().some(({ id, by }) => by === keys.id && heads.has(id))
}

function no(code: string, message: string): Refusal {
  return { ok: false, problems: [{ code, message }] }
}
