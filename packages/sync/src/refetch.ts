import type { DeviceId } from '@muniment/interface'
import type { LogFrame } from '@muniment/log'
import type { SyncLog } from './components.ts'
import { MAX_BRANCH_FRAMES, MAX_REFETCHES } from './constants.ts'
import type { Outbox } from './outbox.ts'

/** A question for entries of a device that the disk of whoever asks has lost. */
export interface Lost {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
}

/**
 * Asks a peer for what the disk lost here. The function that it gives asks for each hole once, and again for what is left of
 * it when a part has come; it is to be called whenever frames were stored.
 */
export function refetching(log: Pick<SyncLog, 'holes'>, out: Outbox): () => Promise<void> {
  const asked = new Set<string>()
  return async () => {
    for (const [device, holes] of log.holes()) {
      for (const { first, last } of holes) {
        const name = `${device} ${first}`
        if (asked.has(name) || asked.size >= MAX_REFETCHES) continue
        asked.add(name)
        await out.send({ type: 'refetch', device, first, last })
      }
    }
  }
}

/** The frames that hold those entries, as far as they are held here and one answer goes. */
export async function* lostFrames(
  log: Pick<SyncLog, 'frames' | 'heads'>,
  { device, first, last }: Lost,
): AsyncGenerator<LogFrame> {
  const others = Object.keys(log.heads()).filter((other) => other !== device)
  const everything = others.map((other) => [other, Number.MAX_SAFE_INTEGER] as const)
  let sent = 0
  for await (const frame of log.frames(Object.fromEntries([...everything, [device, first - 1]]))) {
    if (frame.first > last || ++sent > MAX_BRANCH_FRAMES) return
    yield frame
  }
}
