import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecoveryMember } from '@muniment/devices'
import { isMunimentError, MunimentError, type Outcome, type Problem } from '@muniment/interface'
import type { ReplicaOptions } from '@muniment/replicas'
import type { PersonParts } from '../open-parts.ts'
import { type KitDesk, type KitStatus, kitStatus, wasTried } from '../recovery/own-kit.ts'
import { countedMembers, type KeptMember } from '../recovery/recovery-cards.ts'
import type { OwnReplicas } from '../replicas/own-replicas.ts'
import { pushAll } from '../replicas/push-all.ts'
import { readReplicaEntries } from '../replicas/replica-entries.ts'
import type { ReplicaPlace } from '../replicas/replica-place.ts'
import { placeOf } from '../replicas/with-replica.ts'
import { findReplicas } from './find-replicas.ts'
import { openKit } from './open-kit.ts'
import { openRestoring, pullVault } from './pull-vault.ts'

/** The folder inside the scratch folder that is filled and removed again. */
const SCRATCH = 'rehearsal'

/** Where a rehearsal restores to. */
export interface RehearsalOptions extends ReplicaOptions {
  /** A folder with room for a second vault; what is made in it is removed afterwards. */
  readonly folder: string
}

/** What a rehearsal found. */
export interface RehearsedRestore {
  readonly kit: KitStatus
  /** Records read back, and how many this vault has. */
  readonly records: number
  readonly expected: number
}

/** Trying a kit for real. */
export interface OwnRehearsal {
  /**
   * Restores from the words and the vault's replicas into a scratch folder, reads every record, and removes it again: a
   * second vault lying about would be a second way in. Nobody is enrolled and nothing is taken out. Problems: as of
   * `readRecoveryKit`; `other_kit` for words that are not the kit's, `no_replica` when none opens or can be reached,
   * `incomplete` when there is less than here.
   */
  rehearseRestore(words: string, options: RehearsalOptions): Promise<Outcome<RehearsedRestore>>
}

/** The rehearsal of a vault's kit. */
export function ownRehearsal(
  desk: KitDesk,
  replicas: Pick<OwnReplicas, 'replicas' | 'pushReplica'>,
): OwnRehearsal {
  const { parts } = desk
  return {
    async rehearseRestore(words, { folder, ...options }) {
      const opened = await openKit(words)
      if (!opened.ok) return opened
      const { members } = await countedMembers(parts.vault, parts.roster)
      const kept = members.find(({ card }) => card.id === opened.member.keys.id)
      if (!kept) return no('other_kit', 'these are not the words of the kit that counts')
      // What waits goes first: the rehearsal is of everything.
      await pushAll(replicas, options)
      const found = await rehearse(parts, { member: opened.member, folder, options })
      return found.ok ? counted(desk, kept, found) : found
    },
  }
}

interface Rehearsing {
  readonly member: RecoveryMember
  readonly folder: string
  readonly options: ReplicaOptions
}

async function rehearse(
  parts: PersonParts,
  { member, folder, options }: Rehearsing,
): Promise<Outcome<{ readonly records: number; readonly expected: number }>> {
  const scratch = join(folder, SCRATCH)
  await makeScratch(scratch)
  try {
    const found = await findReplicas(await placesOf(parts), member, options)
    const storage = await openRestoring({ folder: scratch }, found.vault)
    try {
      const { parts: restored } = await pullVault(storage, { member, found, options })
      let records = 0
      for await (const _record of restored.vault.records({})) records++
      await restored.vault.close()
      const expected = parts.vault.count
      return records >= expected
        ? { ok: true, records, expected }
        : no('incomplete', `${records} of ${expected} records came back`)
    } finally {
      await found.close()
      await storage.store.close()
    }
  } catch (error) {
    if (!isMunimentError(error, 'ERR_NOT_FOUND')) throw error
    return no('no_replica', error.message)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function counted(
  desk: KitDesk,
  kept: KeptMember,
  found: { readonly records: number; readonly expected: number },
): Promise<Outcome<RehearsedRestore>> {
  await wasTried(desk, { kept, how: 'restore' }, {})
  const kit = await kitStatus(desk.parts)
  return kit
    ? { ok: true, kit, records: found.records, expected: found.expected }
    : no('other_kit', 'the kit was taken out of the vault')
}

async function placesOf(parts: PersonParts): Promise<readonly ReplicaPlace[]> {
  const entries = await readReplicaEntries(parts.vault)
  return Promise.all(entries.filter(({ place }) => place).map((entry) => placeOf(parts, entry)))
}

async function makeScratch(scratch: string): Promise<void> {
  try {
    await mkdir(join(scratch, '..'), { recursive: true })
    await mkdir(scratch)
  } catch (cause) {
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${scratch} cannot be made, or is there already`, {
      cause,
    })
  }
}

function no(code: string, message: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ code, message }] }
}
