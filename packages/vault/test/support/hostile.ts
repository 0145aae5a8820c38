import { fromCanonical, toCanonical } from '@muniment/crypto'
import * as Y from 'yjs'
import { type Actor, allOf, type Family } from './actors.ts'

/** Puts an update of the attacker's making into its own log, as any member can. */
export async function appendUpdate(
  family: Family,
  { log }: Actor,
  { shard, update }: { shard: string; update: Uint8Array },
): Promise<void> {
  const [key = ''] = await family.keys.create(1)
  await log.append([{ kind: 'shard', body: toCanonical({ v: 1, shard, update }), key }])
}

/** A shard's document as its updates in a device's log make it, without any check: what an attacker works with. */
export async function documentOf({ log }: Actor, shard: string): Promise<Y.Doc> {
  const document = new Y.Doc()
  for (const device of Object.keys(log.seen())) {
    for (const entry of await allOf(log.entries(device))) {
      if (entry.kind !== 'shard' || !entry.body) continue
      const body = fromCanonical(entry.body) as { shard: string; update: Uint8Array }
      if (body.shard === shard) Y.applyUpdateV2(document, body.update)
    }
  }
  return document
}

/** The update (V2) that a change of a document makes, written as `client`. */
export function updateOf(
  document: Y.Doc,
  client: number,
  change: (fields: Y.Map<unknown>) => void,
): Uint8Array {
  const before = Y.encodeStateVector(document)
  document.clientID = client
  let made: Uint8Array | undefined
  document.once('updateV2', (update: Uint8Array) => {
    made = update
  })
  document.transact(() => change(document.getMap('fields')))
  return made ?? Y.encodeStateAsUpdateV2(document, before)
}
