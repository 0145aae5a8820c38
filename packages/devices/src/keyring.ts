import type { EpochId, ErasableKeys, KeyId, Outcome, Refusal, VersionVector } from '@muniment/interface'
import { isOfGeneration, newDataKeyId } from './data-key-id.ts'
import { inTurn } from './in-turn.ts'
import { withKeys, withoutKeys } from './keyring-content.ts'
import { keyringOpener } from './keyring-opener.ts'
import { type KeyringState, openKeyringState } from './keyring-state.ts'
import { keyringUpkeep } from './keyring-upkeep.ts'
import type { KeyringComponents } from './keyring-wrap.ts'

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
export interface Keyring extends ErasableKeys {
  describe(): KeyringDescription
  /** The keyring as it is sent to another device; `undefined` before anything was written. */
  bytes(): Uint8Array | undefined
  /**
   * Takes in another device's keyring: the union of the keys without the union of what was erased. Durable when it
   * resolves. Problem codes: `malformed`, `no_lockbox` (it is not sealed to this device), `bad_signature`,
   * `not_a_member` (its author is no device of the vault, or not one that this device knows yet), `removed` (this device
   * is out). One that somebody who is out can open gives its keys, which seal nothing new, and is never written under.
   */
  merge(bytes: Uint8Array): Promise<Outcome<{ readonly isNew: boolean }>>
  /** Destroys keys, under a fresh epoch key; what they sealed can be opened by nobody who has merged this. */
  erase(ids: readonly KeyId[]): Promise<void>
  /** Makes a fresh epoch key for the roster's present devices, if the one in use is of another epoch. */
  renew(): Promise<void>
  /** Calls the listener after the keyring changed, here or by a merge. */
  onChange(listener: () => void): () => void
}

const REMOVED: Refusal = {
  ok: false,
  problems: [{ code: 'removed', message: 'this device was removed from the vault' }],
}

/**
 * Opens this device's keyring from its file. Throws `ERR_STORE_DAMAGED` for a file that this device cannot open or that
 * no device of the vault has signed.
 */
export async function openKeyring(components: KeyringComponents): Promise<Keyring> {
  const { cryptography, random, roster, keys } = components
  const opener = keyringOpener(components)
  const state = await openKeyringState(components, opener)
  const turn = inTurn()
  const upkeep = keyringUpkeep(components, state, turn)
  let waiting = new Map<KeyId, Uint8Array>()
  let written: Promise<void> | undefined

  async function writeWaiting(): Promise<void> {
    const made = waiting
    waiting = new Map()
    written = undefined
    await state.change(withKeys(state.held().content, keys.id, made))
  }

  async function takeIn(bytes: Uint8Array): Promise<Outcome<{ readonly isNew: boolean }>> {
    if (roster.out().includes(keys.id)) return REMOVED
    const { bytes: ours, wrap } = state.held()
    if (ours && cryptography.equal(ours, bytes)) return { ok: true, isNew: false }
    const opened = await opener.open(bytes)
    if (opened.ok) return { ok: true, isNew: await state.merge(opened, bytes) }
    // They may seal to a key that this device has renewed since: then they need one of its own that they can open.
    if (opened.problems.some(({ code }) => code === 'no_lockbox') && wrap) await upkeep.renew()
    return opened
  }

  roster.onChange(() => void upkeep.settle())
  await turn(() => upkeep.renewIfDue())

  return {
    ...reading(components, state),
    get erasedCount() {
      return state.held().content.erased.size
    },
    renew: () => turn(() => upkeep.renew()),
    async create(count) {
      const ids = Array.from({ length: count }, () => newDataKeyId(components, roster.generation()))
      for (const id of ids) waiting.set(id, random(32))
      // Whoever asks while a write is under way shares the next one.
      written ??= turn(writeWaiting)
      await written
      return ids
    },
    erase: (ids) =>
      turn(() => state.change(withoutKeys(state.held().content, keys.id, ids), { isFreshKey: true })),
    async merge(bytes) {
      const outcome = await turn(() => takeIn(bytes))
      if (outcome.ok && outcome.isNew) void upkeep.settle()
      return outcome
    },
  }
}

type Reading = Pick<Keyring, 'get' | 'isErased' | 'isCurrent' | 'describe' | 'bytes' | 'onChange'>

function reading({ cryptography, roster }: KeyringComponents, state: KeyringState): Reading {
  return {
    get: (id) => state.held().content.keys.get(id),
    isErased: (id) => state.held().content.erased.has(id),
    isCurrent: (id) =>
      state.held().content.keys.has(id) && isOfGeneration(cryptography, id, roster.generation()),
    describe: () => ({ epoch: state.held().wrap?.epoch, version: state.held().content.version }),
    bytes: () => state.held().bytes,
    onChange: (listener) => state.onChange(listener),
  }
}
