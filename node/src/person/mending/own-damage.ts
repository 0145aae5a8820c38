import type { DeviceId } from '@muniment/interface'
import type { FolderCheck } from '../../home/check-folder.ts'
import { nodeClock } from '../../platform/index.ts'
import type { CheckOptions, ReadOnly } from '../../store/index.ts'
import type { PersonParts } from '../open-parts.ts'
import type { VaultConnection } from '../vault-connection.ts'
import { type Healed, type Incident, noteHealed, readHealed, readIncidents } from './damage-book.ts'
import { countLost } from './mend-rows.ts'

/** Entries of a device's log that the disk lost and that have not come back. */
export interface LostEntries {
  readonly device: DeviceId
  readonly name: string
  readonly first: number
  readonly last: number
}

/** What the disk of this device did, what came back, and what is still missing. */
export interface DamageReport {
  /** What was found, the latest first. */
  readonly incidents: readonly Incident[]
  /** What came back from other devices. */
  readonly healed: readonly Healed[]
  /** What is missing; another device that has it gives it back at the next sync. */
  readonly open: {
    readonly entries: readonly LostEntries[]
    /** True while the keys are missing: nothing can be read or written before another device has given them. */
    readonly keyring: boolean
    /** True while another device has to say first how much this one had written. */
    readonly head: boolean
  }
  /** What was given up: nobody is expected to give it back. */
  readonly gone: readonly LostEntries[]
  /** True when nothing is missing but what was given up. */
  readonly isWhole: boolean
}

/** What came of reading everything. */
export interface CheckReport extends FolderCheck {
  /** True when all that was read is as it was written. */
  readonly ok: boolean
  readonly damage: DamageReport
}

/** Damage of this device's disk. */
export interface OwnDamage {
  /** Reads every row and file of the vault. What is damaged in the log is asked for at the next sync. Throws `ERR_ABORTED`. */
  check(options?: CheckOptions): Promise<CheckReport>
  /** Why nothing can be written for now, e.g. because the disk is full; `undefined` while it can. */
  readOnly(): ReadOnly | undefined
  /**
   * Gives up what is missing, when no device or replica is left that could give it back: this device then writes on without
   * it. What comes back all the same is taken.
   */
  giveUpLost(): Promise<void>
  /** What was damaged, what came back, and what is missing. */
  damage(): Promise<DamageReport>
}

/** Watches what comes back, and answers about damage. */
export function ownDamage(
  parts: PersonParts,
  { devices }: Pick<VaultConnection, 'devices'>,
): OwnDamage & { readonly stop: () => void } {
  const { log, store, roster, keyring } = parts
  let missing = countLost(log.holes())
  // Read once: on files that do not check LevelDB is not to be asked any more.
  const incidents = readIncidents(store)
  let healed = readHealed(store)
  for (const reading of [incidents, healed]) reading.catch(() => undefined)
  const stop = log.onAppend(async () => {
    const left = countLost(log.holes())
    const entries = missing - left
    missing = left
    if (entries <= 0) return
    const from = devices().filter((device) => device.online && !device.isThisDevice)
    await noteHealed(store, { at: nodeClock.now(), entries, from: from.map(({ name }) => name) })
    healed = readHealed(store)
  })

  async function damage(): Promise<DamageReport> {
    const lost = [...log.holes()].flatMap(([device, holes]) =>
      holes.map((hole) => ({ ...hole, device, name: roster.device(device)?.name ?? '' })),
    )
    const entries = lost.filter(({ isGivenUp }) => isGivenUp !== true)
    const gone = lost.filter(({ isGivenUp }) => isGivenUp === true)
    const open = {
      entries,
      keyring: parts.isKeyringLost && keyring.bytes() === undefined,
      head: log.isHeadDoubted,
    }
    const isWhole = entries.length === 0 && !open.keyring && !open.head
    return { incidents: await incidents, healed: await healed, open, gone, isWhole }
  }

  return {
    stop,
    damage,
    readOnly: parts.readOnly,
    giveUpLost: () => log.giveUpHoles(),
    async check(options) {
      const found = await parts.checkFolder(options)
      // Files that do not check are not read through LevelDB, which looks at no checksum: they are mended first.
      if (found.damagedFiles === undefined) missing = countLost(await log.audit())
      const report = await damage()
      const isAsWritten =
        found.damagedRows === 0 && found.damagedFiles === undefined && found.smallFiles.length === 0
      return { ...found, ok: isAsWritten && report.isWhole, damage: report }
    },
  }
}
