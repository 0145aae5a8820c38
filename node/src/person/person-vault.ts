import type { RosterDevice } from '@muniment/devices'
import { importFingerprint, type ImportReport } from '@muniment/importers'
import type { DeviceId, FieldValue, VaultId } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import type {
  ConflictedRecord,
  ImportProgress,
  ImportSummary,
  ListOptions,
  RecordChanges,
  RecordId,
  VaultEvent,
  VaultRecord,
} from '@muniment/vault'
import { importFile } from '../importers/index.ts'
import { type DeviceSync, type PeerStatus, startDeviceSync } from './device-sync.ts'
import { type Exchange, openExchange } from './exchange.ts'
import { lastListen, rememberListen } from './listen-address.ts'
import type { PersonParts } from './open-parts.ts'
import type { InviteOptions } from './pairing-desk.ts'

/** What came of importing one file. */
export interface FileReport extends ImportReport {
  readonly importId: string
  readonly imported: number
  readonly duplicates: number
}

/** Settings of an import. */
export interface ImportSettings {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

/** Settings of going online. */
export interface OnlineSettings {
  /** Multiaddresses to listen on; by default all of this machine, on the port of last time. */
  readonly listen?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** A person's vault on this device: what the command and the SDK use. */
export interface PersonVault extends Exchange {
  readonly vaultId: VaultId
  readonly deviceId: DeviceId
  /** Imports a file that an organisation gave the person. Nothing of it shows unless all of it was read. */
  import(path: string, settings?: ImportSettings): Promise<FileReport>
  /** What was imported, the latest first. */
  imports(): readonly ImportSummary[]
  /** Takes an import back, on all devices. Throws `ERR_NOT_FOUND`. */
  undoImport(importId: string): Promise<void>
  /** Writes a record by hand. */
  note(title: string, fields?: { readonly [name: string]: FieldValue }): Promise<RecordId>
  /** A record, or `undefined`. */
  record(id: RecordId): Promise<VaultRecord | undefined>
  /** Records by time, the newest first. */
  records(options?: ListOptions): AsyncIterable<VaultRecord>
  /** How many records there are. */
  count(): Promise<number>
  /** How many records each collection has. */
  collections(): ReadonlyMap<string, number>
  /** Changes a record. Another device's change of the same field, made without sight of this one, is kept beside it. */
  edit(id: RecordId, changes: RecordChanges): Promise<void>
  /** Removes a record. */
  remove(id: RecordId): Promise<void>
  /** What devices disagree about. */
  conflicts(): AsyncIterable<ConflictedRecord>
  /** Decides a conflict. */
  settle(id: RecordId, changes: RecordChanges): Promise<void>
  /** Finds records by the words of their titles. */
  search(text: string, options?: { readonly limit?: number }): Promise<readonly VaultRecord[]>
  /** Tells of changes, from here or from another device. The returned function ends it. */
  observe(listener: (event: VaultEvent) => void): () => void
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
  /** Closes the vault with everything on disk. */
  close(): Promise<void>
}

/** The vault over its parts. */
export function personVault(parts: PersonParts): PersonVault {
  const { vault, roster, keys, log, vaultId } = parts
  let sync: DeviceSync | undefined
  let online: Promise<void> | undefined

  /** A device writes only after it has compared its log with another's, or knows itself alone (protocol rule 3). */
  async function writable(): Promise<void> {
    if (sync) await online
    else log.knownOffline()
  }
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
    ...openExchange(parts, writable),
    vaultId,
    deviceId: keys.id,
    async import(path, { signal, onProgress } = {}) {
      await writable()
      const file = await importFile(path, signal ? { signal } : {})
      try {
        const result = await vault.addImport(file.batches(), {
          file: path.slice(path.lastIndexOf('/') + 1),
          format: file.format,
          fingerprint: importFingerprint,
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        })
        return { ...file.report(), ...result }
      } finally {
        await file.close()
      }
    },
    imports: () => vault.imports(),
    async undoImport(importId) {
      await writable()
      await vault.undoImport(importId)
    },
    async note(title, fields = {}) {
      await writable()
      return vault.create({ collection: 'note', title, fields, time: new Date().toISOString() })
    },
    record: (id) => vault.record(id),
    records: (options) => vault.records(options),
    count: async () => vault.count,
    collections: () => vault.collections(),
    async edit(id, changes) {
      await writable()
      await vault.edit(id, changes)
    },
    async remove(id) {
      await writable()
      await vault.remove(id)
    },
    conflicts: () => vault.conflicts(),
    async settle(id, changes) {
      await writable()
      await vault.settle(id, changes)
    },
    search: (text, options) => vault.searchTitles(text, options),
    observe: (listener) => vault.observe(listener),
    devices: () =>
      sync?.peers() ??
      roster
        .devices()
        .map(({ id, name }) => ({ id, name, isThisDevice: id === keys.id, online: false, since: 0 })),
    addresses: () => sync?.addresses() ?? [],
    goOnline,
    goOffline,
    syncOnce: (settings = {}) => whileOnline().caughtUp(settings),
    async invite(options) {
      await goOnline()
      return whileOnline().invite(options)
    },
    async close() {
      await goOffline()
      await parts.close()
    },
  }
}
