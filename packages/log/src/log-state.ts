import type { Cryptography, DeviceId, Store, StoreChange, VaultId, VersionVector } from '@muniment/interface'
import { parseFrame } from './frame.ts'
import { hashText, type ForkProof, type Head, readHeads, readProofs, readRivals } from './rows.ts'

/** What is kept in memory of a log: a few hundred bytes a device. */
export interface LogState {
  readonly heads: Map<DeviceId, Head>
  readonly proofs: Map<DeviceId, ForkProof>
  /** The hashes of the frames of other branches that are kept of each device. */
  readonly rivals: Map<DeviceId, ReadonlySet<string>>
}

/** Changes that take effect, on disk and in memory, together. */
export interface Batch {
  readonly changes: StoreChange[]
  readonly heads: Map<DeviceId, Head>
  readonly proofs: Map<DeviceId, ForkProof>
  readonly rivals: Map<DeviceId, ReadonlySet<string>>
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
  return { heads: await readHeads(store), proofs, rivals }
}

/** An empty batch. */
export function newBatch(): Batch {
  return { changes: [], heads: new Map(), proofs: new Map(), rivals: new Map() }
}

/** Commits a batch, and only then lets it be seen. */
export async function settle(store: Store, state: LogState, batch: Batch): Promise<void> {
  if (batch.changes.length === 0) return
  await store.commit(batch.changes)
  for (const [device, head] of batch.heads) state.heads.set(device, head)
  for (const [device, proof] of batch.proofs) state.proofs.set(device, proof)
  for (const [device, hashes] of batch.rivals) state.rivals.set(device, hashes)
}

/** How far a head is delivered. */
export function deliveredUpTo(head: Head): number {
  return head.forkedAt === undefined ? head.seq : Math.min(head.seq, head.forkedAt - 1)
}

/** How far each device's log is delivered. */
export function seenOf(state: LogState): VersionVector {
  const seen: Record<DeviceId, number> = {}
  for (const [device, head] of state.heads) {
    const delivered = deliveredUpTo(head)
    if (delivered > 0) seen[device] = delivered
  }
  return seen
}
