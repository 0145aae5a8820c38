import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type PeerId,
  type Store,
  type StoreChange,
  type VaultId,
} from '@muniment/interface'
import type { Log, Members } from '@muniment/log'
import { clientIdOfAdded } from './client-id.ts'
import { MAX_DEVICES, MAX_HEADS } from './constants.ts'
import { inTurn } from './in-turn.ts'
import { listeners } from './listeners.ts'
import {
  type ReceivedOperation,
  type ResolvedRoster,
  resolveRoster,
  type RosterDevice,
  type ShownOperation,
} from './resolve-roster.ts'
import {
  type EnrolledDevice,
  encodeOperation,
  epochOf,
  operationId,
  parseOperation,
  vaultIdOf,
} from './roster-operation.ts'
import {
  type GrantedRoster,
  grantedChange,
  type KeptOperation,
  operationChange,
  readChange,
  readStoredRoster,
} from './roster-rows.ts'

/** What the roster reads of a log, and writes to it. */
export type RosterLog = Pick<Log, 'append' | 'device' | 'entries' | 'onAppend' | 'seen'>

/** What a roster needs of its surroundings. */
export interface RosterComponents {
  readonly cryptography: Cryptography
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

/** The devices of a vault, now. */
export interface Roster extends Members {
  readonly vault: VaultId
  /** The devices in order of authority: the order of enrolment. */
  devices(): readonly RosterDevice[]
  /** The device of that id, when it is one of the vault's. */
  device(id: DeviceId): RosterDevice | undefined
  /** The device whose connections have that peer id. */
  byTransport(peer: PeerId): RosterDevice | undefined
  isMember(device: DeviceId): boolean
  /** Names of the latest operations, ascending. */
  heads(): readonly string[]
  /** The epoch's name, a hash of the heads (protocol rule 4). */
  epoch(): EpochId
  /** True when the operation has arrived and stands. */
  knows(operation: string): boolean
  /** True after pairing, until the roster has arrived by sync: what the inviting device said is believed until then. */
  readonly isGranted: boolean
  /** Every operation received, in the order in which they count, with what became of it. */
  operations(): readonly ShownOperation[]
  /**
   * Reads what the log has that is new, and from then on follows it. On the device that created the vault it writes
   * the first operation, so the log must be open for writing then (`knownOffline`).
   */
  follow(log: RosterLog): Promise<void>
  /** Enrols a device. Throws `ERR_ALREADY_EXISTS`, `ERR_TOO_LARGE` for one too many, and `ERR_UNSUPPORTED`. */
  add(device: EnrolledDevice): Promise<RosterDevice>
  /** Gives a device another name. Throws `ERR_NOT_FOUND`. */
  rename(device: DeviceId, name: string): Promise<void>
  /** Calls the listener after the devices or the heads changed. */
  onChange(listener: () => void): () => void
}

interface View extends ResolvedRoster {
  readonly isGranted: boolean
  readonly epoch: EpochId
  readonly byId: ReadonlyMap<DeviceId, RosterDevice>
  readonly known: ReadonlySet<string>
}

/**
 * Opens the roster from the store. It is opened before the log, which asks it who is a member and what epoch it is;
 * then it follows the log. Throws `ERR_MALFORMED` for a first operation of another vault.
 */
export async function openRoster(components: RosterComponents, init: RosterInit): Promise<Roster> {
  const { cryptography, store } = components
  const { vault, device } = init
  const stored = await readStoredRoster(store)
  const operations = new Map(stored.operations)
  const read = new Map(stored.read)
  const granted = stored.granted ?? init.granted
  if (!stored.granted && init.granted) await store.commit([grantedChange(init.granted)])
  if (init.genesis) await keepGenesis(components, init, operations)
  const changed = listeners()
  const [reading, writing] = [inTurn(), inTurn()]
  let log: RosterLog | undefined
  let view = look()

  function look(): View {
    const resolved = resolveRoster(vault, receivedOf(cryptography, operations))
    return viewOf(cryptography, resolved, { granted, device })
  }

  async function takeNew(changes: StoreChange[]): Promise<void> {
    await store.commit(changes)
    const before = view
    view = look()
    if (before.epoch !== view.epoch || before.devices.length !== view.devices.length) changed.call()
  }

  async function takeIn(from: RosterLog, author: DeviceId, to: number): Promise<void> {
    const start = (read.get(author) ?? 0) + 1
    if (to < start) return
    const changes: StoreChange[] = []
    for await (const { kind, body, seq } of from.entries(author, { from: start, to })) {
      if (kind !== 'roster' || !body) continue
      const kept = { author, seq, bytes: body }
      const id = operationId(cryptography, author, body)
      operations.set(id, kept)
      changes.push(operationChange(id, kept))
    }
    read.set(author, to)
    await takeNew([...changes, readChange(author, to)])
  }

  async function append(bytes: Uint8Array): Promise<string> {
    if (!log?.device)
      throw new MunimentError('ERR_USAGE', 'the roster is changed only once it follows the log')
    const following = log
    const [address] = await log.append([{ kind: 'roster', body: bytes }])
    if (address) await reading(() => takeIn(following, address.device, address.seq))
    return operationId(cryptography, device, bytes)
  }

  return {
    vault,
    devices: () => view.devices,
    device: (id) => view.byId.get(id),
    byTransport: (peer) => view.devices.find(({ transport }) => transport === peer),
    isMember: (id) => view.byId.has(id),
    heads: () => view.heads,
    epoch: () => view.epoch,
    knows: (operation) => view.known.has(operation),
    get isGranted() {
      return view.isGranted
    },
    operations: () => view.operations,
    onChange: (listener) => changed.add(listener),
    async follow(following) {
      log = following
      following.onAppend(({ device: author, last, hasRoster }) => {
        return hasRoster ? reading(() => takeIn(following, author, last)) : undefined
      })
      for (const [author, last] of Object.entries(following.seen())) {
        await reading(() => takeIn(following, author, last))
      }
      for (const { author, seq, bytes } of operations.values()) {
        if (author === device && seq === UNWRITTEN) await append(bytes)
      }
    },
    add: (added) =>
      writing(async () => {
        checkAdded(view, device, added)
        const bytes = encodeOperation({ op: 'add', prev: prevOf(view), device: added })
        parseOperation(bytes)
        await append(bytes)
        const enrolled = view.byId.get(added.id)
        if (!enrolled) throw new MunimentError('ERR_NOT_A_MEMBER', 'this device may not enrol another one')
        return enrolled
      }),
    rename: (id, name) =>
      writing(async () => {
        if (!view.byId.has(id))
          throw new MunimentError('ERR_NOT_FOUND', 'no device of this vault has that id')
        const bytes = encodeOperation({ op: 'rename', prev: prevOf(view), device: id, name })
        parseOperation(bytes)
        await append(bytes)
      }),
  }
}

/** Sequence number of a first operation that is not written yet. */
const UNWRITTEN = 0

/** Keeps the first operation in the store, so that a crash before it is written to the log loses nothing. */
async function keepGenesis(
  { cryptography, store }: RosterComponents,
  { genesis, device, vault }: RosterInit,
  operations: Map<string, KeptOperation>,
): Promise<void> {
  if (!genesis || vaultIdOf(cryptography, genesis) !== vault) {
    throw new MunimentError('ERR_MALFORMED', 'this first operation is of another vault')
  }
  const id = operationId(cryptography, device, genesis)
  if (operations.has(id)) return
  const kept = { author: device, seq: UNWRITTEN, bytes: genesis }
  operations.set(id, kept)
  await store.commit([operationChange(id, kept)])
}

function receivedOf(
  cryptography: Cryptography,
  operations: ReadonlyMap<string, KeptOperation>,
): readonly ReceivedOperation[] {
  return [...operations].map(([id, { author, seq, bytes }]) => ({
    id,
    author,
    seq,
    operation: parsedOrUnknown(bytes),
    asGenesis: vaultIdOf(cryptography, bytes),
  }))
}

/** Bytes that are no operation at all are kept and shown too: with no place in the graph, they wait for ever. */
function parsedOrUnknown(bytes: Uint8Array): ReceivedOperation['operation'] {
  try {
    return parseOperation(bytes)
  } catch (error) {
    if (!(error instanceof MunimentError)) throw error
    return { op: 'unknown', called: 'malformed', prev: ['malformed'] }
  }
}

function viewOf(
  cryptography: Cryptography,
  resolved: ResolvedRoster,
  { granted, device }: { readonly granted: GrantedRoster | undefined; readonly device: DeviceId },
): View {
  const isGranted = granted !== undefined && !resolved.devices.some(({ id }) => id === device)
  const own = new Set(resolved.devices.map(({ id }) => id))
  const given = isGranted ? granted.devices.filter(({ id }) => !own.has(id)) : []
  const devices = [...resolved.devices, ...given]
  const heads = isGranted ? granted.heads : resolved.heads
  const standing = resolved.operations.filter(
    ({ standing }) => standing === 'applied' || standing === 'not_understood',
  )
  return {
    operations: resolved.operations,
    devices,
    heads,
    isGranted,
    epoch: epochOf(cryptography, heads),
    byId: new Map(devices.map((one) => [one.id, one])),
    known: new Set([...standing.map(({ id }) => id), ...(isGranted ? heads : [])]),
  }
}

function prevOf({ heads, isGranted }: View): readonly string[] {
  if (isGranted) {
    throw new MunimentError('ERR_NOT_A_MEMBER', 'the roster has not arrived yet: let this device sync first')
  }
  if (heads.length > MAX_HEADS)
    throw new MunimentError('ERR_UNSUPPORTED', 'too many changes were made at the same time')
  return heads
}

function checkAdded({ devices, byId, operations }: View, adder: DeviceId, added: EnrolledDevice): void {
  if (byId.has(added.id) || devices.some(({ transport }) => transport === added.transport)) {
    throw new MunimentError('ERR_ALREADY_EXISTS', 'this device is one of the vault already')
  }
  if (devices.length >= MAX_DEVICES)
    throw new MunimentError('ERR_TOO_LARGE', `a vault has at most ${MAX_DEVICES} devices`)
  const adds = operations.filter(
    (one) => one.op === 'add' && one.by === adder && one.standing === 'applied',
  ).length
  if (clientIdOfAdded(byId.get(adder)?.clientId ?? 0, adds + 1) === undefined) {
    throw new MunimentError(
      'ERR_UNSUPPORTED',
      'this device cannot enrol another one: let an older device of the vault do it',
    )
  }
}
