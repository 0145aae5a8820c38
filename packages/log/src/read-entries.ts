import type { Cryptography, DataKeys, DeviceId, Store, VaultId } from '@muniment/interface'
import type { LogEntry } from './entry.ts'
import { openPayload } from './entry-payload.ts'
import { parseFrame } from './frame.ts'
import { advanceClocks } from './header.ts'
import { hashText, type PlacedFrameRow, readFrames } from './rows.ts'

/** Reads the entries of a device in these ranges, one after the other. */
export async function* readRanges(
  components: Parameters<typeof readEntries>[0],
  device: DeviceId,
  {
    ranges,
    newest,
  }: {
    readonly ranges: Iterable<{ readonly from: number; readonly to: number }>
    /** The last frame of the device, where it is in memory. */
    readonly newest: PlacedFrameRow | undefined
  },
): AsyncGenerator<LogEntry> {
  for (const range of ranges) yield* readEntries(components, device, { ...range, newest })
}

/** Reads a device's entries from `from` to `to`, opening what the keys at hand open. */
async function* readEntries(
  components: {
    readonly cryptography: Cryptography
    readonly dataKeys: DataKeys
    readonly store: Store
    readonly vault: VaultId
  },
  device: DeviceId,
  range: {
    readonly from: number
    readonly to: number
    /** The last frame of the device, where it is in memory. */
    readonly newest?: PlacedFrameRow | undefined
  },
): AsyncGenerator<LogEntry> {
  const { cryptography, store, vault } = components
  for await (const row of readFrames(store, device, range)) {
    const frame = parseFrame(cryptography, vault, row.bundle)
    let clocks = row.before
    for (const [index, header] of frame.headers.entries()) {
      clocks = advanceClocks(clocks, header.clocks)
      const entry = frame.entries[index]
      if (!entry || header.seq < range.from || header.seq > range.to) continue
      const payload = 'payload' in entry ? entry.payload : undefined
      const opened = openPayload(components, header, payload, { vault, device, headerBytes: entry.header })
      const hash = hashText(frame.entryHashes[index] ?? new Uint8Array(0))
      const key = header.key === undefined ? {} : { key: header.key }
      yield { device, seq: header.seq, hash, clocks, epoch: header.epoch, ...key, ...opened }
    }
  }
}
