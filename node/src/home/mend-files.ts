import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isMunimentError, type Milliseconds } from '@muniment/interface'
import { nodeCryptography, nodeRandom } from '../platform/index.ts'
import { makeFolder, syncFolder } from '../store/durable-files.ts'
import { mendByTrial, type Mended, mendGuarded } from '../store/guarded-bytes.ts'
import { mendKeyFile, openKeyHeader } from '../store/index.ts'
import type { StoreDamage } from '../store/store-damage.ts'
import { folderPaths, isMarker, unlockingOf } from './folder.ts'

/** The small files of a folder, as a person is told of them. */
export type SmallFile = 'muniment.json' | 'key.header' | 'key.file' | 'device' | 'keyring'

/** What was found damaged in a folder when it was opened. */
export interface FolderDamage {
  /** Where what was damaged is kept as it was. */
  readonly aside: string
  /** Small files in which a flipped bit was set right. */
  readonly corrected: readonly SmallFile[]
  /** True when the keyring could not be read: its keys have to come from another device. */
  readonly isKeyringLost: boolean
  readonly store?: StoreDamage
}

/** The folder in which what is found damaged at that moment is kept. */
export function asideFolder(folder: string, now: Milliseconds): string {
  return join(folder, `damaged-${new Date(now).toISOString().replaceAll(':', '.')}`)
}

/**
 * Opens the key header, with flipped bits in it and in the key file set right. Throws what `openKeyHeader` throws.
 *
 * @param tell - told of each file that was corrected
 */
export async function openMendedHeader(
  { folder, passphrase }: { readonly folder: string; readonly passphrase?: string | undefined },
  aside: string,
  tell: (file: SmallFile) => void,
): Promise<Uint8Array> {
  const { marker, header, keyFile, device } = folderPaths(folder)
  const components = { cryptography: nodeCryptography, random: nodeRandom }
  const note = (file: SmallFile, mended: Mended): void => {
    if (mended === 'corrected') tell(file)
  }
  note('key.header', await mendGuarded(header, aside))
  const unlocking = unlockingOf(folder, passphrase)
  const open = (): Promise<Uint8Array> => openKeyHeader(header, unlocking, components)
  const rootKey = await open().catch(async (error: unknown) => {
    if ('passphrase' in unlocking || !isMunimentError(error, 'ERR_WRONG_PASSPHRASE')) throw error
    note('key.file', await mendKeyFile({ header, keyFile, aside }, components))
    return open()
  })
  note('muniment.json', await mendByTrial(marker, aside, isMarker))
  note('device', await mendGuarded(device, aside))
  return rootKey
}

/** Mends the keyring's file. One that cannot be mended may be moved aside: its keys are to come from another device. */
export async function mendKeyring(folder: string, aside: string, mayLoseKeys: boolean): Promise<Mended> {
  const { keyring } = folderPaths(folder)
  const mended = await mendGuarded(keyring, aside)
  if (mended !== 'damaged' || !mayLoseKeys) return mended
  await makeFolder(aside)
  await rename(keyring, join(aside, basename(keyring)))
  await syncFolder(aside)
  await syncFolder(folder)
  return mended
}
