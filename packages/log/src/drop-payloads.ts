import type { Cryptography, DeviceId, Store, StoreChange, VaultId } from '@muniment/interface'
import { parseFrame, withoutPayloads } from './frame.ts'
import { frameChange, readFrameWith } from './rows.ts'

/** The changes that replace payloads of a device's entries by their hashes. Numbers not held are passed over. */
export async function droppedPayloads(
  components: { readonly cryptography: Cryptography; readonly store: Store; readonly vault: VaultId },
  device: DeviceId,
  seqs: readonly number[],
  isLost: (seq: number) => boolean,
): Promise<readonly StoreChange[]> {
  const { cryptography, store, vault } = components
  const dropped = new Set(seqs)
  const changes: StoreChange[] = []
  for (const seq of seqs) {
    if (!dropped.has(seq) || isLost(seq)) continue
    const row = await readFrameWith(store, device, seq)
    if (!row) continue
    const frame = parseFrame(cryptography, vault, row.bundle)
    const bundle = withoutPayloads(cryptography, frame, (each) => dropped.has(each))
    changes.push(frameChange(device, { ...row, bundle }))
    for (let each = row.first; each <= row.last; each++) if (each !== seq) dropped.delete(each)
  }
  return changes
}
