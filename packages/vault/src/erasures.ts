import type { DeviceId, KeyId, Store } from '@muniment/interface'
import { type ErasureRow, parseErasureRow, rowChange, TABLES } from './rows.ts'
import type { Tables } from './tables.ts'

/** What was asked to be erased, which devices have done it, and the keys that are to be destroyed for it. */
export interface Erasures {
  all(): readonly ErasureRow[]
  put(row: ErasureRow): void
  /** True for an import, and for each segment of one, that is to be erased. */
  isErased(id: string): boolean
  /** Notes that the import or segment of this id is to be erased. */
  note(id: string): void
  /** The devices on whose disks nothing of it is left, as each said itself. */
  doneBy(erasure: Pick<ErasureRow, 'device' | 'seq'>): readonly DeviceId[]
  noteDone(erasure: Pick<ErasureRow, 'device' | 'seq'>, by: DeviceId): void
  /** Data keys that are to be destroyed. */
  readonly doomed: ReadonlySet<KeyId>
  doom(keys: readonly (KeyId | undefined)[]): void
  /** The keys are destroyed. */
  settle(keys: readonly KeyId[]): void
}

const NOTHING = new Uint8Array(0)

/** Reads what was asked to be erased. */
export async function openErasures(store: Store, tables: Tables): Promise<Erasures> {
  const rows = new Map<string, ErasureRow>()
  const done = new Map<string, Set<DeviceId>>()
  const erased = new Set<string>()
  const doomed = new Set<KeyId>()
  for await (const { key, value } of store.listNames(TABLES.erasures)) rows.set(key, parseErasureRow(value))
  for await (const { key } of store.listNames(TABLES.erased)) erased.add(key)
  for await (const { key } of store.listNames(TABLES.doomed)) doomed.add(key)
  for await (const { key } of store.listNames(TABLES.erasedBy)) {
    const at = key.lastIndexOf('/')
    addTo(done, key.slice(0, at), key.slice(at + 1))
  }

  return {
    all: () => [...rows.values()],
    put(row) {
      rows.set(nameOf(row), row)
      tables.put([rowChange('erasures', nameOf(row), row)])
    },
    isErased: (id) => erased.has(id),
    note(id) {
      erased.add(id)
      tables.put([{ table: TABLES.erased, key: id, value: NOTHING }])
    },
    doneBy: (erasure) => [...(done.get(nameOf(erasure)) ?? [])],
    noteDone(erasure, by) {
      addTo(done, nameOf(erasure), by)
      tables.put([{ table: TABLES.erasedBy, key: `${nameOf(erasure)}/${by}`, value: NOTHING }])
    },
    doomed,
    doom(keys) {
      for (const key of keys) {
        if (key === undefined) continue
        doomed.add(key)
        tables.put([{ table: TABLES.doomed, key, value: NOTHING }])
      }
    },
    settle(keys) {
      for (const key of keys) {
        doomed.delete(key)
        tables.put([{ table: TABLES.doomed, key, value: undefined }])
      }
    },
  }
}

function addTo(done: Map<string, Set<DeviceId>>, name: string, by: DeviceId): void {
  const devices = done.get(name) ?? new Set<DeviceId>()
  done.set(name, devices.add(by))
}

function nameOf({ device, seq }: Pick<ErasureRow, 'device' | 'seq'>): string {
  return `${device}/${seq}`
}
