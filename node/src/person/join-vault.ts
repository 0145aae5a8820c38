import { join, type JoinedVault, PAIRING_PROTOCOL, readInvitation } from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import { makeFolder } from '../home/folder.ts'
import { createStorage, type StorageInit } from '../home/open-storage.ts'
import { createNetwork } from '../network/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { keepAddresses } from './addresses.ts'
import { deviceChanges } from './device-rows.ts'
import { openParts } from './open-parts.ts'
import { openVault } from './open-vault.ts'
import type { PersonVault } from './person-vault.ts'

/** How a device joins. */
export interface JoinVaultInit extends StorageInit {
  /** What to call this device. */
  readonly name: string
  /** The link, or the short code. */
  readonly invitation: string
  /** With a short code: the address of the device that shows it. */
  readonly at?: string | undefined
  /** Shows the words to the person and asks whether the other device shows the same. */
  readonly confirmWords: (words: readonly string[]) => Promise<boolean>
  readonly signal?: AbortSignal | undefined
  /** Tells how many of the vault's entries have arrived. */
  readonly onProgress?: (progress: { readonly received: number; readonly expected: number }) => void
}

/**
 * Joins a vault by an invitation, fetches what is in it, and opens it here. Throws `ERR_INVITATION_MISTYPED` before
 * anything is sent, `ERR_USAGE` for a short code without an address, `ERR_UNREACHABLE`, and what pairing throws; then
 * nothing was made.
 */
export async function joinVault(init: JoinVaultInit): Promise<PersonVault> {
  const { folder, passphrase, signal } = init
  const invitation = readInvitation(init.invitation)
  const addresses = init.at === undefined ? invitation.addresses : [init.at]
  if (addresses.length === 0) {
    throw new MunimentError(
      'ERR_USAGE',
      'a short code does not say where the other device is: add its address',
    )
  }
  const transportKey = nodeRandom(32)
  const network = await createNetwork({ transportKey, listen: [], clock: nodeClock })
  try {
    await makeFolder(folder, 'person', async (temporary) => {
      const storage = await createStorage({ folder: temporary, passphrase })
      try {
        const channel = await firstReached(network, addresses, signal)
        const joined = await join(
          channel,
          { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock },
          {
            secret: invitation.secret,
            name: init.name,
            confirmWords: init.confirmWords,
            ...(signal && { signal }),
          },
        )
        await keep(storage, { joined, transportKey, reachedAt: addresses })
      } finally {
        await storage.store.close()
      }
    })
  } finally {
    await network.stop()
  }
  const vault = await openVault({ folder, passphrase })
  try {
    await vault.goOnline({ signal })
    await vault.syncOnce({ signal, onProgress: init.onProgress })
    await vault.goOffline()
    return vault
  } catch (error) {
    await vault.close()
    throw error
  }
}

async function firstReached(
  network: Awaited<ReturnType<typeof createNetwork>>,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): ReturnType<typeof network.dial> {
  let last: unknown
  for (const address of addresses) {
    try {
      return await network.dial(address, PAIRING_PROTOCOL, signal ? { signal } : {})
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function keep(
  storage: Awaited<ReturnType<typeof createStorage>>,
  {
    joined,
    transportKey,
    reachedAt,
  }: {
    readonly joined: JoinedVault
    readonly transportKey: Uint8Array
    readonly reachedAt: readonly string[]
  },
): Promise<void> {
  const { vaultId, keys, granted, keyring, inviter, addresses } = joined
  await storage.keyringFile.replace(keyring)
  await storage.store.commit(deviceChanges({ vaultId, keys, transportKey }))
  await keepAddresses(storage.store, inviter, [...new Set([...reachedAt, ...addresses])])
  const parts = await openParts(storage, { granted })
  await parts.vault.close()
}
