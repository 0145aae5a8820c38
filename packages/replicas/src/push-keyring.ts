import { concat } from '@muniment/crypto'
import type { ReplicaOptions } from './components.ts'
import { MAX_PARTS, PART_LENGTH } from './constants.ts'
import { encodeContent } from './content.ts'
import type { ReplicaContext } from './context.ts'
import { giveUp } from './give-up.ts'
import { objectName } from './object-name.ts'
import type { ReplicaState } from './replica-state.ts'
import { fetchObject, putChecked } from './transfer.ts'

/**
 * Merges the keyrings that lie there into this device's, which is the one that then lies there. One that cannot be
 * merged (its writer is not known here yet, or it is not sealed to this device) stays beside it.
 */
export async function pushKeyring(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<number> {
  const { keyring } = context.components
  await mergeKeyrings(context, state, options)
  const bytes = keyring.bytes()
  if (!bytes) return 0
  const parts = partsOf(context, bytes)
  const own = parts.map(({ name }) => name)
  const others = state.keyrings.filter((names) => names.join() !== own.join())
  const isListed = others.length < state.keyrings.length
  const merged = others.filter((names) => context.settled.has(names.join()))
  if (!isListed && own.some((name) => state.dropped.has(name))) return 0
  let written = 0
  if (!isListed) {
    for (const part of parts) written += await putChecked(context, part, options)
    state.isChanged = true
  }
  state.keyrings = [own, ...others.filter((names) => !merged.includes(names))]
  for (const name of merged.flat()) if (!own.includes(name)) giveUp(state, name)
  return written
}

/** Takes in the keyrings that lie there and are news here. Gives how many could not be taken in. */
export async function mergeKeyrings(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<number> {
  const { keyring } = context.components
  let refused = 0
  for (const names of state.keyrings) {
    if (context.settled.has(names.join())) continue
    const bytes = await fetchKeyring(context, names, options)
    const outcome = bytes && (await keyring.merge(bytes))
    if (outcome?.ok === true) context.settled.add(names.join())
    else refused++
    if (!bytes) {
      state.problems.push({ code: 'damaged_keyring', message: 'a keyring of the replica cannot be read' })
    }
  }
  return refused
}

/** The keyring of these parts, or `undefined` when one is missing, damaged, or out of place. */
async function fetchKeyring(
  context: ReplicaContext,
  names: readonly string[],
  options: ReplicaOptions,
): Promise<Uint8Array | undefined> {
  if (names.length > MAX_PARTS) return undefined
  const parts: Uint8Array[] = []
  for (const [index, name] of names.entries()) {
    const content = await fetchObject(context, name, options)
    const isPart = content !== 'missing' && content !== 'damaged' && content.kind === 'part'
    if (!isPart || content.index !== index || content.count !== names.length) return undefined
    parts.push(content.bytes)
  }
  return concat(...parts)
}

function partsOf(
  { components, cryptography, keys }: ReplicaContext,
  keyring: Uint8Array,
): { readonly name: string; readonly content: Uint8Array }[] {
  const count = Math.max(1, Math.ceil(keyring.length / PART_LENGTH))
  return Array.from({ length: count }, (_, index) => {
    const bytes = keyring.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH)
    const content = encodeContent({ kind: 'part', vault: components.log.vault, index, count, bytes })
    return { content, name: objectName(cryptography, keys, { content, isHead: false }) }
  })
}
