import type { RosterDevice } from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import { type DeviceSync, type PeerStatus, startDeviceSync } from './device-sync.ts'
import { lastListen, rememberListen } from './listen-address.ts'
import type { PersonParts } from './open-parts.ts'
import type { InviteOptions } from './pairing-desk.ts'

/** Settings of going online. */
export interface OnlineSettings {
  /** Multiaddresses to listen on; by default all of this machine, on the port of last time. */
  readonly listen?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** The other devices of a vault. */
export interface VaultConnection {
  /** The devices of the vault. */
  devices(): readonly PeerStatus[]
  /** Where this device can be dialled, while it is online. */
  addresses(): readonly string[]
  /** Starts the network: listens, and keeps connected to the other devices. */
  goOnline(settings?: OnlineSettings): Promise<void>
  /** Stops the network. */
  goOffline(): Promise<void>
  /** Waits until all that the reachable devices have is here. Throws `ERR_UNREACHABLE`. */
  syncOnce(settings?: {
    readonly signal?: AbortSignal | undefined
    readonly onProgress?: ((progress: { received: number; expected: number }) => void) | undefined
  }): Promise<void>
  /** Invites a device, and resolves when it has joined. Goes online if need be. */
  invite(options: InviteOptions): Promise<RosterDevice>
}

/** What keeps a vault connected, or offline. */
export function vaultConnection(
  parts: PersonParts,
): VaultConnection & { readonly writable: () => Promise<void> } {
  let sync: DeviceSync | undefined
  let online: Promise<void> | undefined

  async function goOnline({ listen }: OnlineSettings = {}): Promise<void> {
    if (sync) return online
    const chosen = listen ?? (await lastListen(parts.store))
    sync = await startDeviceSync(parts, chosen)
    await rememberListen(parts.store, chosen, sync.addresses())
    online = sync.greeted()
    return online
  }
  async function goOffline(): Promise<void> {
    const running = sync
    sync = undefined
    online = undefined
    await running?.stop()
  }
  function whileOnline(): DeviceSync {
    if (!sync) throw new MunimentError('ERR_UNREACHABLE', 'this vault is offline')
    return sync
  }

  return {
    /** A device writes only after it has compared its log with another's, or knows itself alone (protocol rule 3). */
    async writable() {
      if (parts.isKeyringLost && parts.keyring.bytes() === undefined) throw keyringLost()
      if (sync) await online
      else parts.log.knownOffline()
    },
    devices: () => sync?.peers() ?? offlinePeers(parts),
    addresses: () => sync?.addresses() ?? [],
    goOnline,
    goOffline,
    syncOnce: (settings = {}) => whileOnline().caughtUp(settings),
    async invite(options) {
      await goOnline()
      return whileOnline().invite(options)
    },
  }
}

function keyringLost(): MunimentError {
  return new MunimentError(
    'ERR_KEY_UNKNOWN',
    'the disk lost the keys of this vault: let this device sync with another one, which has them',
  )
}

function offlinePeers({ roster, keys }: PersonParts): readonly PeerStatus[] {
  return roster.devices().map(({ id, name }) => ({
    id,
    name,
    isThisDevice: id === keys.id,
    online: false,
    since: 0,
    saysRemoved: false,
  }))
}
