import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileCall } from './system-calls.ts'

/**
 * What a file system may keep of what was not synced. `ext4`: names are journalled in one order, and any sync commits
 * all names so far. `strict`: as POSIX says and no more, each folder keeps the order of its own names, and only syncing
 * that folder makes them durable.
 */
export type Model = 'ext4' | 'strict'

/** Numbers in [0, 1), from a seed. */
export type Dice = () => number

interface Inode {
  readonly isFolder: boolean
  readonly chunks: Buffer[]
  synced: number
  /** Of a folder: what happened to its names. */
  readonly names: { readonly at: number; readonly name: string; readonly inode: Inode | undefined }[]
  durableNames: number
}

const PAGE = 4096
/** The mode that a key file must have. */
const OWNER_ONLY = 0o600

/** Writes into `to` what the disk may hold when the power goes before call number `end`. */
export async function writeCrashState(
  calls: readonly FileCall[],
  { end, root, to, model, dice }: { end: number; root: string; to: string; model: Model; dice: Dice },
): Promise<void> {
  const { top, durable, count } = replay(calls.slice(0, end), root, model)
  const cut = durable + Math.floor(dice() * (count - durable + 1))
  await rm(to, { recursive: true, force: true })
  await writeFolder(top, to, { cut, model, dice })
}

function inode(isFolder: boolean): Inode {
  return { isFolder, chunks: [], synced: 0, names: [], durableNames: 0 }
}

function replay(
  calls: readonly FileCall[],
  root: string,
  model: Model,
): { top: Inode; durable: number; count: number } {
  const top = inode(true)
  const live = new Map<string, Inode>([[root, top]])
  let count = 0
  let durable = 0
  const name = (path: string, target: Inode | undefined): void => {
    live
      .get(dirname(path))
      ?.names.push({ at: count++, name: path.slice(dirname(path).length + 1), inode: target })
    if (target) live.set(path, target)
    else live.delete(path)
  }
  for (const call of calls) {
    if (call.type === 'create') {
      if (call.isFresh || !live.has(call.path)) name(call.path, inode(false))
    } else if (call.type === 'folder') name(call.path, inode(true))
    else if (call.type === 'write') live.get(call.path)?.chunks.push(call.bytes)
    else if (call.type === 'remove') name(call.path, undefined)
    else if (call.type === 'rename') {
      const moved = live.get(call.from)
      name(call.from, undefined)
      name(call.to, moved)
      moveContents(live, call)
    } else if (markSynced(live.get(call.path)) && model === 'ext4') durable = count
  }
  return { top, durable, count }
}

/** What lies in a folder goes with it. */
function moveContents(live: Map<string, Inode>, { from, to }: { from: string; to: string }): void {
  for (const [path, target] of live) {
    if (!path.startsWith(`${from}/`)) continue
    live.delete(path)
    live.set(to + path.slice(from.length), target)
  }
}

function markSynced(synced: Inode | undefined): boolean {
  if (!synced) return false
  synced.synced = synced.chunks.length
  synced.durableNames = synced.names.length
  return true
}

interface Fate {
  readonly cut: number
  readonly model: Model
  readonly dice: Dice
}

async function writeFolder(folder: Inode, path: string, fate: Fate): Promise<void> {
  const { cut, model, dice } = fate
  await mkdir(path, { recursive: true })
  const kept =
    model === 'ext4'
      ? folder.names.filter(({ at }) => at < cut)
      : folder.names.slice(
          0,
          folder.durableNames + Math.floor(dice() * (folder.names.length - folder.durableNames + 1)),
        )
  const names = new Map(kept.map(({ name, inode: target }) => [name, target]))
  for (const [name, target] of names) {
    if (!target) continue
    if (target.isFolder) await writeFolder(target, join(path, name), fate)
    else await writeFile(join(path, name), survivingBytes(target, dice), { mode: OWNER_ONLY })
  }
}

/** What was synced, and of the rest nothing, a beginning, or pages here and there. */
function survivingBytes({ chunks, synced }: Inode, dice: Dice): Buffer {
  const rest = Buffer.concat(chunks.slice(synced))
  const fate = dice()
  let kept = rest
  if (fate < 0.34) kept = Buffer.alloc(0)
  else if (fate < 0.67) kept = rest.subarray(0, Math.floor(dice() * (rest.length + 1)))
  else {
    for (let at = 0; at < kept.length; at += PAGE) {
      if (dice() < 0.5) kept.fill(0, at, Math.min(at + PAGE, kept.length))
    }
  }
  return Buffer.concat([...chunks.slice(0, synced), kept])
}
