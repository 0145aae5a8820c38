import {
  type Cryptography,
  type DeviceId,
  MunimentError,
  type Random,
  type Store,
  type StoreChange,
  type VaultId,
} from '@muniment/interface'
import type { Log, LogEntry } from '@muniment/log'
import { inTurn } from './in-turn.ts'
import { listeners } from './listeners.ts'
import type { ReceivedOperation } from './placed.ts'
import { namedIn } from './placement.ts'
import { operationId, vaultIdOf } from './roster-operation.ts'
import {
  type GrantedRoster,
  grantedChange,
  type KeptOperation,
  operationChange,
  readChange,
  readStoredRoster,
} from './roster-rows.ts'
import { receivedOperation, type RosterView, viewOf } from './roster-view.ts'

/** What a roster needs of its surroundings. */
export interface RosterComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly store: Store
}

/** Which roster to open. */
export interface RosterInit {
  readonly vault: VaultId
  /** This device. */
  readonly device: DeviceId
  /** The vault's first operation, when the device that made the vault opens it for the first time; kept in the store. */
  readonly genesis?: Uint8Array
  /** What pairing gave, when the device opens the vault for the first time after joining; kept in the store from then on. */
  readonly granted?: GrantedRoster
}

/** The operations that have arrived, on disk and in memory, and what they come to. */
export interface RosterState {
  view(): RosterView
  /** Takes in the operations of a device's log up to an entry, once. */
  takeIn(log: Pick<Log, 'entries'>, author: DeviceId, upTo: number): Promise<void>
  /** True for a recovery member that some operation named, whether it counts or not. */
  isNamed(member: string): boolean
  /** This device's operations that are not in its log yet: the first one of a new vault. */
  unwritten(): readonly Uint8Array[]
  onChange(listener: () => void): () => void
}

/** The number of an operation that is in no log yet. */
const UNWRITTEN = 0

/** Reads the state from the store, and keeps there what the init brings. */
export async function openRosterState(components: RosterComponents, init: RosterInit): Promise<RosterState> {
  const { cryptography, store } = components
  const { vault, device } = init
  const genesis = init.genesis && genesisOf(components, init.genesis, init)
  const stored = await readStoredRoster(store)
  const granted = stored.granted ?? init.granted
  if (!stored.granted && init.granted) await store.commit([grantedChange(init.granted)])
  const kept = new Map(stored.operations)
  if (genesis && !kept.has(genesis.id)) {
    // In the store, so that a crash before it is written to the log loses nothing.
    await store.commit([operationChange(genesis.id, genesis.kept)])
    kept.set(genesis.id, genesis.kept)
  }
  const operations = new Map<string, ReceivedOperation>()
  for (const [id, one] of kept) operations.set(id, receivedOperation(cryptography, vault, { ...one, id }))
  const read = new Map(stored.read)
  const [turn, changed] = [inTurn(), listeners()]
  const look = (): RosterView => viewOf(cryptography, [...operations.values()], { vault, device, granted })
  let view = look()

  const tellChange = (): void => {
    view = look()
    changed.call()
  }

  async function takeIn(log: Pick<Log, 'entries'>, author: DeviceId, upTo: number): Promise<void> {
    const from = (read.get(author) ?? 0) + 1
    if (upTo < from) return
    const arrived = new Map<string, KeptOperation>()
    let reached = from - 1
    for await (const { kind, body, seq } of withoutGaps(
      log.entries(author, { from, to: upTo, beyondCut: true }),
      from,
    )) {
      reached = seq
      if (kind !== 'roster' || !body) continue
      const id = operationId(cryptography, author, body)
      // Bytes that a log has twice count where they came first.
      const isRepeated = arrived.has(id) || (kept.get(id)?.seq ?? UNWRITTEN) !== UNWRITTEN
      if (!isRepeated) arrived.set(id, { author, seq, bytes: body })
    }
    const changes: StoreChange[] = [...arrived].map(([id, one]) => operationChange(id, one))
    await store.commit([...changes, readChange(author, reached)])
    read.set(author, reached)
    for (const [id, one] of arrived) {
      kept.set(id, one)
      operations.set(id, receivedOperation(cryptography, vault, { ...one, id }))
    }
    if (arrived.size > 0) tellChange()
  }

  return {
    view: () => view,
    isNamed: (member) => [...operations.values()].some((one) => namedIn({ one })?.id === member),
    takeIn: (log, author, upTo) => turn(() => takeIn(log, author, upTo)),
    unwritten: () =>
      [...kept.values()]
        .filter((one) => one.seq === UNWRITTEN && one.author === device)
        .map((one) => one.bytes),
    onChange: (listener) => changed.add(listener),
  }
}

/** A log that the disk made holes in is read up to the first one, and from there on once it is filled. */
async function* withoutGaps(entries: AsyncIterable<LogEntry>, from: number): AsyncGenerator<LogEntry> {
  let next = from
  for await (const entry of entries) {
    if (entry.seq !== next++) return
    yield entry
  }
}

function genesisOf(
  { cryptography }: RosterComponents,
  bytes: Uint8Array,
  { device, vault }: RosterInit,
): { readonly id: string; readonly kept: KeptOperation } {
  if (vaultIdOf(cryptography, bytes) !== vault) {
    throw new MunimentError('ERR_MALFORMED', 'this first operation is of another vault')
  }
  return { id: operationId(cryptography, device, bytes), kept: { author: device, seq: UNWRITTEN, bytes } }
}
