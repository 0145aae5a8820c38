import type { DeviceId, KeyId, VersionVector } from '@muniment/interface'

/** What a keyring says: the data keys alive, those erased, and how many changes of each device are in it. */
export interface KeyringContent {
  readonly version: VersionVector
  readonly keys: ReadonlyMap<KeyId, Uint8Array>
  readonly erased: ReadonlySet<KeyId>
}

/** Nothing yet. */
export const EMPTY_CONTENT: KeyringContent = { version: {}, keys: new Map(), erased: new Set() }

/** Both together: the union of the keys without the union of what was erased. Erasing wins, whatever the order. */
export function mergeContent(left: KeyringContent, right: KeyringContent): KeyringContent {
  const erased = new Set([...left.erased, ...right.erased])
  const keys = new Map<KeyId, Uint8Array>()
  for (const side of [left.keys, right.keys]) {
    for (const [id, key] of side) if (!erased.has(id)) keys.set(id, key)
  }
  return { version: mergeVersions(left.version, right.version), keys, erased }
}

/** True when `whole` has nothing that `part` lacks; asked of a merge and one of its two sides. */
export function isAllOf(whole: KeyringContent, part: KeyringContent): boolean {
  if (whole.keys.size !== part.keys.size || whole.erased.size !== part.erased.size) return false
  for (const id of whole.keys.keys()) if (!part.keys.has(id)) return false
  return Object.entries(whole.version).every(([device, count]) => part.version[device] === count)
}

/** The content with new keys, as a change of that device. */
export function withKeys(
  content: KeyringContent,
  device: DeviceId,
  made: ReadonlyMap<KeyId, Uint8Array>,
): KeyringContent {
  return { ...content, keys: new Map([...content.keys, ...made]), version: countUp(content.version, device) }
}

/** The content with keys erased, as a change of that device. */
export function withoutKeys(
  content: KeyringContent,
  device: DeviceId,
  gone: readonly KeyId[],
): KeyringContent {
  const keys = new Map(content.keys)
  for (const id of gone) keys.delete(id)
  return { keys, erased: new Set([...content.erased, ...gone]), version: countUp(content.version, device) }
}

function countUp(version: VersionVector, device: DeviceId): VersionVector {
  return { ...version, [device]: (version[device] ?? 0) + 1 }
}

function mergeVersions(left: VersionVector, right: VersionVector): VersionVector {
  const merged: Record<DeviceId, number> = { ...left }
  for (const [device, count] of Object.entries(right)) merged[device] = Math.max(count, merged[device] ?? 0)
  return merged
}
