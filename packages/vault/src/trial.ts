import { MunimentError } from '@muniment/interface'
import * as Y from 'yjs'
import { FIELDS, type Write } from './check-update.ts'

/** A second copy of a shard's document, one step ahead of it: what is drafted or about to be applied is tried there. */
export interface Trial {
  /** The update that sets these keys as `client`. It stays on the copy. */
  draft(
    client: number,
    contents: readonly { readonly key: string; readonly content: Uint8Array }[],
  ): Uint8Array
  /** True when the update does exactly what it says; otherwise the copy is thrown away. */
  accepts(client: number, update: Uint8Array, writes: readonly Write[]): boolean
  /** Throws the copy away, with what was drafted on it. */
  drop(): void
}

/** The trial copy of a document, made when it is first needed. */
export function openTrial(document: Y.Doc): Trial {
  let copy: Y.Doc | undefined
  return {
    draft(client, contents) {
      const desk = (copy ??= copyOf(document))
      // Yjs takes another client id when it sees its own come from outside, so it is set for each draft.
      desk.clientID = client
      let made: Uint8Array | undefined
      desk.once('updateV2', (update: Uint8Array) => {
        made = update
      })
      desk.transact(() => {
        const fields = desk.getMap(FIELDS)
        for (const { key, content } of contents) fields.set(key, content)
      })
      if (!made) throw new MunimentError('ERR_INVALID_ARGUMENT', 'an edit changes at least one field')
      return made
    },
    accepts(client, update, writes) {
      const expected = Y.getState(document.store, client) + writes.length
      copy ??= copyOf(document)
      // What was drafted here is on the copy already.
      if (Y.getState(copy.store, client) >= expected) return true
      if (doesWhatItSays(copy, update, { client, expected, writes })) return true
      copy = undefined
      return false
    },
    drop() {
      copy = undefined
    },
  }
}

function doesWhatItSays(
  copy: Y.Doc,
  update: Uint8Array,
  said: { readonly client: number; readonly expected: number; readonly writes: readonly Write[] },
): boolean {
  try {
    Y.applyUpdateV2(copy, update)
  } catch {
    // What Yjs throws says nothing more than that the update is not one of ours.
    return false
  }
  const { store } = copy
  if (store.pendingStructs !== null || store.pendingDs !== null) return false
  if (Y.getState(store, said.client) !== said.expected) return false
  const fields = copy.getMap(FIELDS)
  return said.writes.every(({ key, content }) => isSame(fields.get(key), content))
}

function isSame(stored: unknown, content: Uint8Array): boolean {
  return (
    stored instanceof Uint8Array &&
    stored.length === content.length &&
    stored.every((byte, index) => byte === content[index])
  )
}

function copyOf(document: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  Y.applyUpdateV2(copy, Y.encodeStateAsUpdateV2(document))
  return copy
}
