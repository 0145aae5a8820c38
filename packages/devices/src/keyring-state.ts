import { type DeviceId, type KeyringFile, MunimentError } from '@muniment/interface'
import { EMPTY_CONTENT, isAllOf, type KeyringContent, mergeContent } from './keyring-content.ts'
import { type KeyringWrap, type OpenedKeyring, writeKeyring } from './keyring-object.ts'
import type { KeyringOpener } from './keyring-opener.ts'
import {
  freshWithin,
  freshWrap,
  isAhead,
  isStale,
  type KeyringComponents,
  needsFresh,
  prefers,
} from './keyring-wrap.ts'
import { listeners } from './listeners.ts'

/** The keyring as it lies in its file. */
export interface HeldKeyring {
  readonly content: KeyringContent
  /** `undefined` before anything was written. */
  readonly wrap: KeyringWrap | undefined
  readonly bytes: Uint8Array | undefined
  /** The device that wrote this version. */
  readonly author: DeviceId | undefined
}

/** The keyring's changes, one at a time: the caller sees to that. */
export interface KeyringState {
  held(): HeldKeyring
  /** Writes other content, under a fresh epoch key if asked for or if the epoch is another one by now. */
  change(content: KeyringContent, options?: { readonly isFreshKey?: boolean }): Promise<void>
  /** Takes in another device's keyring; true when something changed. */
  merge(theirs: OpenedKeyring, bytes: Uint8Array): Promise<boolean>
  onChange(listener: () => void): () => void
}

/** Reads the file and goes on from there. Throws `ERR_STORE_DAMAGED`. */
export async function openKeyringState(
  components: KeyringComponents,
  opener: KeyringOpener,
): Promise<KeyringState> {
  const { cryptography, roster, keys, file } = components
  const signer = cryptography.signer(keys.signing)
  const by = { vault: roster.vault, author: keys.id, sign: (message: Uint8Array) => signer.sign(message) }
  const changed = listeners()
  let held = await readHeld(file, opener)

  async function keep(next: HeldKeyring & { readonly bytes: Uint8Array }): Promise<void> {
    await file.replace(next.bytes)
    held = next
    changed.call()
  }

  async function write(content: KeyringContent, wrap: KeyringWrap): Promise<void> {
    if (roster.out().includes(keys.id))
      throw new MunimentError('ERR_REMOVED', 'this device was removed from the vault')
    await keep({
      content,
      wrap,
      bytes: await writeKeyring(components, by, { wrap, content }),
      author: keys.id,
    })
    opener.remember(wrap)
  }

  return {
    held: () => held,
    onChange: (listener) => changed.add(listener),
    async change(content, { isFreshKey = false } = {}) {
      const inUse = held.wrap && !isStale(components, held.wrap) ? held.wrap : undefined
      if (inUse && !isFreshKey) await write(content, inUse)
      // What is ahead of this device's roster may leave out somebody who is in it.
      else if (inUse && isAhead(roster, inUse)) await write(content, await freshWithin(components, inUse))
      else await write(content, await freshWrap(components))
    },
    async merge({ content, wrap, author }, bytes) {
      const before = held
      const whole = mergeContent(before.content, content)
      const ours = before.wrap && !prefers(components, wrap, before.wrap) ? before.wrap : undefined
      const chosen = ours ?? wrap
      const erasedUnder = (ours ? before.content : content).erased.size
      const isOursEnough = ours !== undefined && isAllOf(whole, before.content)
      const isTheirsEnough = cryptography.equal(chosen.keyId, wrap.keyId) && isAllOf(whole, content)
      if (needsFresh(components, { chosen, erasedUnder, erased: whole.erased.size })) {
        await write(whole, await freshWrap(components))
      } else if (isOursEnough) return false
      else if (isTheirsEnough) await keep({ content: whole, wrap, bytes, author })
      else await write(whole, chosen)
      return true
    },
  }
}

async function readHeld(file: KeyringFile, opener: KeyringOpener): Promise<HeldKeyring> {
  const bytes = await file.read()
  if (!bytes) return { content: EMPTY_CONTENT, wrap: undefined, bytes: undefined, author: undefined }
  const opened = await opener.openOwn(bytes)
  if (opened.ok) return { content: opened.content, wrap: opened.wrap, bytes, author: opened.author }
  const [problem] = opened.problems
  throw new MunimentError(
    'ERR_STORE_DAMAGED',
    `the keyring file cannot be used: ${problem?.message ?? 'no reason'}`,
  )
}
