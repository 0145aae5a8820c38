import { base64url } from '@muniment/crypto'
import { MunimentError, type Refusal } from '@muniment/interface'
import {
  type KeyringWrap,
  openKeyringBody,
  type OpenedKeyring,
  parseKeyring,
  type SealedKeyring,
} from './keyring-object.ts'
import type { KeyringComponents } from './keyring-wrap.ts'
import { openLockbox } from './lockbox.ts'

/** Epoch keys kept in memory, so that news under a key just seen costs no opening of a lockbox. */
const REMEMBERED_KEYS = 8

/** Opens keyrings as this device. */
export interface KeyringOpener {
  /** Opens a keyring's bytes and checks all that there is to check. Problem codes: see `Keyring.merge`. */
  open(bytes: Uint8Array): Promise<({ readonly ok: true } & OpenedKeyring) | Refusal>
  /** Opens this device's own file, which it once took in: whoever wrote it may have been removed since. */
  openOwn(bytes: Uint8Array): Promise<({ readonly ok: true } & OpenedKeyring) | Refusal>
  /** Remembers an epoch key. */
  remember(wrap: KeyringWrap): void
}

/** An opener that remembers the last few epoch keys. */
export function keyringOpener(components: KeyringComponents): KeyringOpener {
  const { cryptography, roster, keys, recovery, agreement } = components
  const remembered = new Map<string, Uint8Array>()

  function remember({ keyId, epochKey }: KeyringWrap): void {
    const name = base64url(keyId)
    remembered.delete(name)
    remembered.set(name, epochKey)
    const [oldest] = remembered.keys()
    if (remembered.size > REMEMBERED_KEYS && oldest !== undefined) remembered.delete(oldest)
  }

  async function epochKeyOf({ keyId, epoch, lockboxes }: SealedKeyring): Promise<Uint8Array | undefined> {
    const known = remembered.get(base64url(keyId))
    if (known) return known
    const sealed = { lockboxes, place: { vault: roster.vault, epoch, keyId } }
    for (const pair of agreement?.keys() ?? [keys.agreement]) {
      const own = await openLockbox(cryptography, sealed, { id: keys.id, agreement: pair })
      if (own) return own
    }
    return recovery && openLockbox(cryptography, sealed, recovery)
  }

  async function open(
    bytes: Uint8Array,
    isOwn: boolean,
  ): Promise<({ readonly ok: true } & OpenedKeyring) | Refusal> {
    try {
      const sealed = parseKeyring(bytes)
      const epochKey = await epochKeyOf(sealed)
      if (!epochKey) return no('no_lockbox', 'the keyring is not sealed to this device')
      const opened = openKeyringBody(cryptography, { vault: roster.vault, epochKey }, sealed)
      if (!isOwn && !roster.isMember(opened.author)) {
        return no('not_a_member', 'the keyring was written by no device of this vault')
      }
      remember(opened.wrap)
      return { ok: true, ...opened }
    } catch (error) {
      if (!(error instanceof MunimentError)) throw error
      return no(error.code === 'ERR_BAD_SIGNATURE' ? 'bad_signature' : 'malformed', error.message)
    }
  }

  return { open: (bytes) => open(bytes, false), openOwn: (bytes) => open(bytes, true), remember }
}

function no(code: string, message: string): Refusal {
  return { ok: false, problems: [{ code, message }] }
}
