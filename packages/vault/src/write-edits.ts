import { type KeyId, MunimentError } from '@muniment/interface'
import type { EntryDraft } from '@muniment/log'
import { ownClient, type VaultCore } from './core.ts'
import { encodeShardBody } from './intake.ts'
import type { Shard, WriteDraft } from './shard.ts'

/** What an edit comes to: the slots to write in one shard. Nothing is written when there are none. */
interface Edit<T> {
  readonly shard: string
  readonly writes: readonly WriteDraft[]
  readonly result: T
}

/** Makes an edit from what the shards hold when its turn has come. */
type PrepareEdit<T> = (client: number) => Promise<Edit<T>>

/** Writes edits; those that wait at the same time go to the log together. */
export type WriteEdit = <T>(prepare: PrepareEdit<T>) => Promise<T>

interface Waiting {
  readonly prepare: (client: number) => Promise<Prepared>
  readonly reject: (error: unknown) => void
}

interface Prepared {
  readonly edit: Edit<unknown>
  readonly resolve: () => void
}

/** The writer of edits of a vault. `onFailure` hears that drafted edits were given up. */
export function editWriter(core: VaultCore, onFailure: () => void): WriteEdit {
  let waiting: Waiting[] = []

  async function round(): Promise<void> {
    const group = waiting
    waiting = []
    if (group.length === 0) return
    const drafted = new Set<Shard>()
    try {
      await catchUpWithItself(core)
      const client = ownClient(core)
      const entries: EntryDraft[] = []
      const done: Prepared[] = []
      const fresh = new Map<string, KeyId>()
      for (const each of group) {
        try {
          const prepared = await each.prepare(client)
          const { shard: id, writes } = prepared.edit
          if (writes.length > 0) {
            const shard = await core.shards.open(id)
            drafted.add(shard)
            const key = await keyFor(core, id, fresh)
            entries.push({
              kind: 'shard',
              body: encodeShardBody(id, shard.draft(client, core.now(), writes)),
              key,
            })
          }
          done.push(prepared)
        } catch (error) {
          each.reject(error)
        }
      }
      await append(core, entries)
      for (const { resolve } of done) resolve()
    } catch (error) {
      for (const shard of drafted) shard.dropDrafts()
      onFailure()
      for (const { reject } of group) reject(error)
    }
  }

  return (prepare) =>
    new Promise((resolve, reject) => {
      waiting.push({
        prepare: async (client) => {
          const edit = await prepare(client)
          return { edit, resolve: () => resolve(edit.result) }
        },
        reject,
      })
      if (waiting.length === 1) core.inTurn(round).catch(reject)
    })
}

async function append(core: VaultCore, entries: readonly EntryDraft[]): Promise<void> {
  if (entries.length === 0) return
  const addresses = await core.log.append(entries)
  await core.catchUp()
  const first = addresses[0]?.seq ?? 0
  const refused = core
    .catalogue()
    .quarantine.find(({ device, seq }) => device === core.device && seq >= first)
  if (refused) throw new MunimentError('ERR_UPDATE_REFUSED', 'this device does not accept its own edit')
}

/**
 * An edit stands on what its device wrote before: while that cannot be read, a new one would contradict it. What is
 * appended meanwhile (the roster does that) is no edit and may wait.
 */
async function catchUpWithItself(core: VaultCore): Promise<void> {
  const { catalogue, device, log } = core
  const lost = log.holes().get(device) ?? []
  if (lost.some(({ isGivenUp }) => isGivenUp !== true)) {
    throw new MunimentError(
      'ERR_HEAD_UNCONFIRMED',
      'the disk lost entries that this device wrote: let it sync with another one, which gives them back',
    )
  }
  const seen = log.seen()[device] ?? 0
  const written = (lost.find(({ first, last }) => first <= seen && seen <= last)?.first ?? seen + 1) - 1
  await core.catchUp()
  if ((catalogue().cursors.get(device)?.seq ?? 0) < written) {
    throw new MunimentError('ERR_KEY_UNKNOWN', "a key of this device's own earlier entries is missing")
  }
}

/** The data key of a shard: one that seals its updates already and that nobody who is out knows, or a fresh one. */
async function keyFor(core: VaultCore, id: string, fresh: Map<string, KeyId>): Promise<KeyId> {
  const keys = core.catalogue().shards.get(id)?.keys ?? []
  const known = fresh.get(id) ?? keys.find((key) => core.dataKeys.isCurrent(key))
  if (known !== undefined) return known
  const [key] = await core.dataKeys.create(1)
  if (key === undefined) throw new MunimentError('ERR_KEY_UNKNOWN', 'the keyring gave no key')
  fresh.set(id, key)
  return key
}
