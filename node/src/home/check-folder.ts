import { readFile } from 'node:fs/promises'
import { type KeyringFile, isMunimentError } from '@muniment/interface'
import { unguarded } from '../store/guarded-bytes.ts'
import type { CheckedStore, CheckOptions, StoreCheck } from '../store/index.ts'
import { folderPaths, isMarker } from './folder.ts'
import type { SmallFile } from './mend-files.ts'

/** What came of reading all of a folder. */
export interface FolderCheck extends StoreCheck {
  /** Small files that are damaged. */
  readonly smallFiles: readonly SmallFile[]
}

/** Reads every row and file of a folder that is open. Throws `ERR_ABORTED`. */
export async function checkFolder(
  folder: string,
  { store, keyringFile }: { readonly store: CheckedStore; readonly keyringFile: KeyringFile },
  options?: CheckOptions,
): Promise<FolderCheck> {
  const { marker, header } = folderPaths(folder)
  const smallFiles: SmallFile[] = []
  const look = async (file: SmallFile, isRight: () => Promise<boolean>): Promise<void> => {
    if (!(await isRight())) smallFiles.push(file)
  }
  await look('muniment.json', async () => isMarker(await readFile(marker)))
  await look('key.header', async () => {
    const bytes = await readFile(header)
    return isWhole(async () => unguarded(new Uint8Array(bytes), 'the key header'))
  })
  await look('keyring', () => isWhole(() => keyringFile.read()))
  return { ...(await store.check(options)), smallFiles }
}

async function isWhole(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (isMunimentError(error, 'ERR_STORE_DAMAGED')) return false
    throw error
  }
}
