import { MunimentError } from '@muniment/interface'
import { makeFolder } from '../home/folder.ts'
import { createStorage, type StorageInit } from '../home/open-storage.ts'
import { nodeCryptography, nodeRandom } from '../platform/index.ts'
import { openOrganisation, type Organisation } from './open-organisation.ts'
import { organisationChanges } from './organisation-rows.ts'

/** How an organisation is made. */
export interface CreateOrganisationInit extends StorageInit {
  /** The name that people are shown. */
  readonly name: string
}

/**
 * Makes an organisation with an embedded store: its key, its DID and its ledger. It needs no registration anywhere.
 * Throws `ERR_ALREADY_EXISTS` when the folder is not empty, and `ERR_STORE_NOT_WRITABLE`.
 */
export async function createOrganisation({
  folder,
  passphrase,
  name,
}: CreateOrganisationInit): Promise<Organisation> {
  if (name.trim() === '') throw new MunimentError('ERR_USAGE', 'an organisation has a name')
  await makeFolder(folder, 'organisation', async (temporary) => {
    const { store } = await createStorage({ folder: temporary, passphrase })
    const signing = nodeCryptography.generateKeyPair('ES256')
    await store.commit(organisationChanges({ name, signing, transportKey: nodeRandom(32) }))
    await store.close()
  })
  return openOrganisation({ folder, passphrase })
}
