import type { CanonicalValue } from '@muniment/crypto'
import type { DeviceId } from '@muniment/interface'
import type { Holes } from '@muniment/log'
import * as v from 'valibot'
import type { Catalogue } from './catalogue.ts'

/** The meta row that names the devices of whose logs entries were passed over, because the disk had lost them. */
export const SKIPPED = 'skipped'

const schema = v.array(v.string())

/**
 * Whether entries that were passed over are all back in one of the logs: then the tables are made anew, because what follows
 * an entry may build on it.
 */
export function lookAtHoles(
  noted: unknown,
  holes: Holes,
  catalogue: Catalogue,
): { readonly isRefilled: boolean; readonly skipped: readonly DeviceId[] } {
  const parsed = v.safeParse(schema, noted)
  const skipped = parsed.success ? parsed.output : []
  const left = new Set(skippedLogs(holes, catalogue))
  return { isRefilled: skipped.some((device) => !left.has(device)), skipped }
}

/** The devices in whose logs there are holes before what was taken in last. */
export function skippedLogs(holes: Holes, { cursors }: Catalogue): readonly DeviceId[] {
  return [...holes]
    .filter(([device, lost]) => lost.some(({ first }) => first <= (cursors.get(device)?.seq ?? 0)))
    .map(([device]) => device)
    .toSorted()
}

/** Notes the devices, when they are others than before. */
export function noteSkipped(
  { putMeta }: { readonly putMeta: (name: string, value: CanonicalValue) => void },
  before: readonly DeviceId[],
  now: readonly DeviceId[],
): void {
  if (before.join() !== now.join()) putMeta(SKIPPED, [...now])
}
