import { rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, isMunimentError, MunimentError } from '@muniment/interface'
import { LOOK_FOR_ROOM, RESERVE_BYTES, ROOM_TO_WORK } from './constants.ts'
import { OWNER_ONLY } from './durable-files.ts'

/** Why nothing can be written for now. */
export interface ReadOnly {
  readonly why: 'disk full'
  /** Bytes to be freed before it goes on. */
  readonly neededBytes: number
  /** The same in words. */
  readonly words: string
}

/** The room on a store's disk, and what is kept back of it for the day there is none. */
export interface DiskRoom {
  /** Set while the disk is full. */
  readonly readOnly: ReadOnly | undefined
  /** Throws `ERR_STORE_FULL` while the disk is full and has no room for a write of so many bytes. */
  refuseWhenFull(bytes: number): Promise<void>
  /** The disk refused a write of so many bytes: gives up what was kept back, so that what was begun can be ended. */
  ranOut(bytes: number): Promise<MunimentError>
  /** A write took effect. Unless it took what was kept back for it, the disk is not full (any more). */
  hasRoom(): Promise<void>
  /** Keeps some room back, if there is any. */
  keepReserve(): Promise<void>
  /** Looks no more. */
  close(): void
}

/** What watching the room takes. */
export interface DiskRoomInit {
  /** The file that is given up when the disk is full. */
  readonly reserve: string
  readonly clock: Clock
  /** Bytes free for this user; by default those of the disk that the reserve is on. */
  readonly free?: () => Promise<number>
}

/** Room that is taken to be there until the disk says otherwise. */
export function diskRoom({
  reserve,
  clock,
  free = () => freeBytes(dirname(reserve)),
}: DiskRoomInit): DiskRoom {
  const closing = new AbortController()
  const state: { readOnly?: ReadOnly | undefined } = {}
  let watching: Promise<void> | undefined

  const keepReserve = async (): Promise<void> => {
    const found = await stat(reserve).catch(() => undefined)
    if (found?.size === RESERVE_BYTES) return
    await writeFile(reserve, new Uint8Array(RESERVE_BYTES), { mode: OWNER_ONLY }).catch(async () => {
      await rm(reserve, { force: true })
    })
  }
  const look = async (bytes: number): Promise<MunimentError | undefined> => {
    const missing = ROOM_TO_WORK + bytes - (await free())
    if (missing <= 0) return undefined
    state.readOnly = shortOf(missing)
    return full(state.readOnly)
  }
  const hasRoom = async (): Promise<void> => {
    if (!state.readOnly || (await look(0))) return
    state.readOnly = undefined
    await keepReserve()
  }
  const watch = async (): Promise<void> => {
    while (state.readOnly) {
      await clock.wait(LOOK_FOR_ROOM, { signal: closing.signal })
      await hasRoom()
    }
  }

  return {
    get readOnly() {
      return state.readOnly
    },
    async refuseWhenFull(bytes) {
      const refusal = state.readOnly && (await look(bytes))
      if (refusal) throw refusal
    },
    async ranOut(bytes) {
      await rm(reserve, { force: true })
      // A disk that has room by its own count has none for this user: what is missing is not known then.
      const refusal = (await look(bytes)) ?? full((state.readOnly = shortOf(ROOM_TO_WORK + bytes)))
      watching ??= watch()
        .catch(unlessAborted)
        .finally(() => {
          watching = undefined
        })
      return refusal
    },
    hasRoom,
    keepReserve,
    close: () => closing.abort(),
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function shortOf(bytes: number): ReadOnly {
  const megabytes = Math.ceil(bytes / 1e6)
  return {
    why: 'disk full',
    neededBytes: bytes,
    words: `read-only: disk full, ${megabytes} MB needed`,
  }
}

function full({ words }: ReadOnly): MunimentError {
  return new MunimentError('ERR_STORE_FULL', `${words}; nothing was changed`)
}

function unlessAborted(error: unknown): void {
  if (!isMunimentError(error, 'ERR_ABORTED')) throw error
}
