import { join } from 'node:path'
import { isMunimentError, MunimentError, type Store } from '@muniment/interface'
import { writeFile } from 'node:fs/promises'
import { LEVEL_FOLDER, MEND_FILE } from './constants.ts'
import type { ReadOnly } from './disk-room.ts'
import { OWNER_ONLY } from './durable-files.ts'
import type { Engine } from './engine.ts'
import { checkLevelFiles } from './level-files/check-level-files.ts'
import { rowSeal } from './row-seal.ts'
import type { SealedStoreInit } from './sealed-store.ts'
import { toStoreError } from './store-errors.ts'

/** Settings of a check. */
export interface CheckOptions {
  readonly signal?: AbortSignal | undefined
  /** Told now and then how many rows were read. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined
}

/** What came of reading everything. */
export interface StoreCheck {
  /** Rows read; none when the files do not check, for then they are not read before they are mended. */
  readonly rows: number
  /** Rows that do not open. */
  readonly damagedRows: number
  /** What is wrong with the files, in words; absent when nothing is. */
  readonly damagedFiles?: string
}

/** A store that can be read through on demand. */
export interface CheckedStore extends Store {
  /** Why nothing can be written for now; `undefined` while it can. */
  readonly readOnly: () => ReadOnly | undefined
  /** Another file of the same disk found no room: as when the store itself finds none. Gives the error to throw. */
  readonly ranOut: (bytes: number) => Promise<MunimentError>
  /** Reads every row and every file. What is found damaged is mended when the store is opened the next time. */
  check(options?: CheckOptions): Promise<StoreCheck>
}

/** The last of all storage keys and more. */
const LAST_KEY: Uint8Array = new Uint8Array(64).fill(0xff)
const ROWS_PER_TELLING = 1000
/** Files come and go while a database is open: one that is gone is looked for again. */
const ATTEMPTS = 5

/** Reads all of a store that is open. Throws `ERR_ABORTED`. */
export async function checkStore(
  { folder, engine, init }: { folder: string; engine: Engine; init: SealedStoreInit },
  options: CheckOptions = {},
): Promise<StoreCheck> {
  const counts = { rows: 0, damagedRows: 0 }
  // Files first: LevelDB looks at no checksum, and may end the whole process over a damaged block.
  const damagedFiles =
    (await whatIsWrong(join(folder, LEVEL_FOLDER))) ??
    (await readRows(engine, init, { counts, options }).catch(messageOfDamage))
  if (counts.damagedRows > 0) await writeFile(join(folder, MEND_FILE), '', { mode: OWNER_ONLY })
  return { ...counts, ...(damagedFiles !== undefined && { damagedFiles }) }
}

async function readRows(
  engine: Engine,
  init: SealedStoreInit,
  {
    counts,
    options,
  }: { readonly counts: { rows: number; damagedRows: number }; readonly options: CheckOptions },
): Promise<undefined> {
  const { signal, onProgress } = options
  const seals = rowSeal(init)
  const range = { first: Uint8Array.of(0, 0), last: LAST_KEY, reverse: false, limit: -1 }
  for await (const [key, sealed] of engine.entries(range)) {
    if (signal?.aborted) throw new MunimentError('ERR_ABORTED', 'the check was given up')
    try {
      seals.open(key, sealed)
    } catch {
      counts.damagedRows++
    }
    if (++counts.rows % ROWS_PER_TELLING === 0) onProgress?.({ rows: counts.rows })
  }
  onProgress?.({ rows: counts.rows })
}

/** LevelDB itself may stumble over what is damaged; reading ends there. */
function messageOfDamage(error: unknown): string {
  if (isMunimentError(error, 'ERR_STORE_DAMAGED')) return error.message
  throw error
}

async function whatIsWrong(folder: string): Promise<string | undefined> {
  let last: string | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await checkLevelFiles(folder, undefined)
      return undefined
    } catch (error) {
      const meant = toStoreError(error)
      last = messageOfDamage(meant)
    }
  }
  return last
}
