import type { Cryptography, DeviceId, Store, StoreChange, VaultId } from '@muniment/interface'
import { parseFrame } from './frame.ts'
import { MAX_REMEMBERED_LENGTH } from './constants.ts'
import { readDoubt } from './doubt.ts'
import { type Hole, holeWith, readHoles } from './holes.ts'
import {
  type ForkProof,
  frameChange,
  type Head,
  hashText,
  type PlacedFrameRow,
  readHeads,
  readProofs,
  readRivals,
} from './rows.ts'

/** What is kept in memory of a log: a few hundred bytes a device. */
export interface LogState {
  readonly heads: Map<DeviceId, Head>
  readonly proofs: Map<DeviceId, ForkProof>
  /** The hashes of the frames of other branches that are kept of each device. */
  readonly rivals: Map<DeviceId, ReadonlySet<string>>
  /** What the disk lost of each device's log. */
  readonly holes: Map<DeviceId, readonly Hole[]>
  /** True while this device may have written more than its store knows of. */
  isOwnHeadDoubted: boolean
  /** The newest frame of some devices, when it is a small one: exactly the row on disk. */
  readonly newest: Map<DeviceId, PlacedFrameRow>
}

/** Changes that take effect, on disk and in memory, together. */
export interface Batch {
  readonly changes: StoreChange[]
  readonly heads: Map<DeviceId, Head>
  readonly proofs: Map<DeviceId, ForkProof>
  readonly rivals: Map<DeviceId, ReadonlySet<string>>
  readonly holes: Map<DeviceId, readonly Hole[]>
  /** The last frame of each device that was put back where the disk had lost it. */
  readonly filled: Map<DeviceId, PlacedFrameRow>
  /** The last frame that each device gets in this batch. */
  readonly newest: Map<DeviceId, PlacedFrameRow>
}

/** Before anything was written. */
export const EMPTY_HEAD: Head = { seq: 0, hash: new Uint8Array(0), clocks: {} }

/** Everything recovers from the store. */
export async function readState(cryptography: Cryptography, store: Store, vault: VaultId): Promise<LogState> {
  const proofs = await readProofs(store)
  const rivals = new Map<DeviceId, Set<string>>()
  for (const device of proofs.keys()) {
    const hashes = new Set<string>()
    for await (const bundle of readRivals(store, device)) {
      hashes.add(hashText(parseFrame(cryptography, vault, bundle).hash))
    }
    rivals.set(device, hashes)
  }
  const [heads, holes] = [await readHeads(store), await readHoles(store)]
  return { heads, proofs, rivals, holes, isOwnHeadDoubted: await readDoubt(store), newest: new Map() }
}

/** An empty batch. */
export function newBatch(): Batch {
  const [heads, proofs, rivals, holes] = [new Map(), new Map(), new Map(), new Map()]
  return { changes: [], heads, proofs, rivals, holes, filled: new Map(), newest: new Map() }
}

/** Puts a frame into a batch, after the frames of its device that are held or in the batch already. */
export function putFrame(batch: Batch, device: DeviceId, row: PlacedFrameRow): void {
  batch.changes.push(frameChange(device, row))
  batch.newest.set(device, row)
}

/** Commits a batch, and only then lets it be seen. */
export async function settle(store: Store, state: LogState, batch: Batch): Promise<void> {
  if (batch.changes.length === 0) return
  await store.commit(batch.changes)
  for (const [device, head] of batch.heads) state.heads.set(device, head)
  for (const [device, row] of batch.newest) {
    if (row.bundle.length <= MAX_REMEMBERED_LENGTH) state.newest.set(device, remembered(row))
    else state.newest.delete(device)
  }
  for (const [device, proof] of batch.proofs) state.proofs.set(device, proof)
  for (const [device, holes] of batch.holes) state.holes.set(device, holes)
  for (const [device, hashes] of batch.rivals) state.rivals.set(device, hashes)
}

/** A copy, so that a small frame does not keep alive the large message in which it came. */
function remembered(row: PlacedFrameRow): PlacedFrameRow {
  return { ...row, bundle: row.bundle.slice() }
}

/** True for an entry that the disk lost. */
export function isLost({ holes }: LogState, device: DeviceId, seq: number): boolean {
  return holeWith(holes.get(device), seq) !== undefined
}
