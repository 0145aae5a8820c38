import { readFile, rm } from 'node:fs/promises'
import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import {
  type Fragment,
  type FragmentProblem,
  type GivenFragment,
  readFragment,
  recoverFromFragments,
  type RecoveryMember,
} from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { unfinishedFolder } from '../../home/folder.ts'
import { nodeCryptography as cryptography } from '../../platform/index.ts'
import { makeFolder, replaceFile } from '../../store/index.ts'
import { dirname } from 'node:path'

const schema = v.pipe(v.string(), v.parseJson(), v.array(v.pipe(v.string(), v.regex(/^[\w-]+$/u))))

/** Fragments brought so far. */
export interface Collected {
  /** Who restores, once there are enough. */
  readonly member?: RecoveryMember
  /** Good ones that are here, and how many are needed, as far as that is known. */
  readonly here: number
  readonly needed?: number | undefined
  /** What is wrong, with whose it is. */
  readonly problems: readonly FragmentProblem[]
}

/**
 * Adds fragments to those of earlier calls for the same folder, in any order. Good ones are kept beside the folder, for
 * its owner's eyes only, until the vault is restored; a bad one is named and not kept. Fewer than are needed tell
 * nothing.
 */
export async function collectFragments(folder: string, given: readonly GivenFragment[]): Promise<Collected> {
  const path = fragmentsFile(folder)
  const before = (await readKept(path)).map((bytes) => ({ fragment: bytes }))
  const outcome = await recoverFromFragments({ cryptography }, [...before, ...given])
  const good = [...before, ...given].flatMap(({ fragment }) => {
    const read = readFragment({ cryptography }, fragment)
    return read.ok ? [read.fragment] : []
  })
  const kept = largestSet(good)
  await keep(
    path,
    kept.map(({ bytes }) => bytes),
  )
  const progress = { here: kept.length, needed: kept[0]?.threshold }
  if (outcome.ok) return { member: outcome.member, ...progress, problems: outcome.bad }
  return { ...progress, problems: outcome.problems.filter(({ code }) => code !== 'too_few_fragments') }
}

/** Fragments of another set are of no use beside these; each counts once. */
function largestSet(fragments: readonly Fragment[]): readonly Fragment[] {
  const sets = new Map<string, Map<number, Fragment>>()
  for (const fragment of fragments) {
    const set = sets.get(fragment.member) ?? new Map<number, Fragment>()
    sets.set(fragment.member, set.set(fragment.index, fragment))
  }
  const [largest] = [...sets.values()].sort((a, b) => b.size - a.size)
  return [...(largest?.values() ?? [])]
}

/** Forgets the fragments: the vault is restored, or others are to be brought. */
export async function forgetFragments(folder: string): Promise<void> {
  await rm(fragmentsFile(folder), { force: true })
}

function fragmentsFile(folder: string): string {
  return `${unfinishedFolder(folder)}.fragments`
}

async function readKept(path: string): Promise<readonly Uint8Array[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return []
  }
  const parsed = v.safeParse(schema, text)
  return parsed.success ? parsed.output.map((encoded) => fromBase64url(encoded)) : []
}

async function keep(path: string, fragments: readonly Uint8Array[]): Promise<void> {
  try {
    await makeFolder(dirname(path))
    await replaceFile(path, utf8(JSON.stringify(fragments.map((bytes) => base64url(bytes)))))
  } catch (cause) {
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', 'the fragments cannot be kept beside the folder', {
      cause,
    })
  }
}
