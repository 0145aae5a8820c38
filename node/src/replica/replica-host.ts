import { type Channel, type Clock, type Cryptography, MunimentError, type Random } from '@muniment/interface'
import { GRANT_ID_LENGTH, GRANT_KEY_LENGTH } from './capability.ts'
import { type Grant, keepGrant, type KeptGrant, MAX_NOTE, readGrants, removeGrant } from './kept-grants.ts'
import { serveGuest } from './serve-guest.ts'

/** Channels that one grant may have open: each may hold the messages that wait on it. */
const MAX_CHANNELS_PER_GRANT = 16

/** A grant as its host's owner sees it. */
export interface GrantRow extends Omit<Grant, 'key'> {
  /** Bytes that it keeps now. */
  readonly used: number
}

/**
 * Keeps sealed objects for vaults whose names it never learns. A grant is a number of bytes and the key to use them;
 * which vault or device uses it is not said, and the objects do not tell.
 */
export interface ReplicaHost {
  /** Gives leave to keep so many bytes. Throws `ERR_INVALID_ARGUMENT`. */
  grant(init: { readonly quota: number; readonly note?: string }): Promise<Grant>
  grants(): readonly GrantRow[]
  /** Takes the leave back and removes what was kept. Throws `ERR_NOT_FOUND`. */
  revoke(id: string): Promise<void>
  /** Serves one channel, to its end. Rejects for a guest that breaks the protocol: the channel is to be dropped. */
  serve(channel: Channel): Promise<void>
  /** Drops all channels. */
  close(): Promise<void>
}

/** What a host needs of its surroundings, and the folder that is its own. */
export interface ReplicaHostInit {
  readonly folder: string
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
}

/** Opens the host that a folder keeps. One process at a time. */
export async function openReplicaHost(init: ReplicaHostInit): Promise<ReplicaHost> {
  const { folder, random } = init
  const grants = new Map((await readGrants(folder)).map((grant) => [grant.id, grant]))
  const channels = new Map<Channel, string | undefined>()
  const drop = (channel: Channel): void => channel.abort(new Error('the host is no longer there for it'))

  const admit = (channel: Channel, id: string): KeptGrant | 'busy' | undefined => {
    const grant = grants.get(id)
    if (!grant) return undefined
    if ([...channels.values()].filter((used) => used === id).length >= MAX_CHANNELS_PER_GRANT) return 'busy'
    channels.set(channel, id)
    return grant
  }
  return {
    async grant({ quota, note = '' }) {
      if (!Number.isSafeInteger(quota) || quota < 0 || note.length > MAX_NOTE) {
        throw new MunimentError(
          'ERR_INVALID_ARGUMENT',
          'a grant is a number of bytes, and a note of one line',
        )
      }
      const id = Buffer.from(random(GRANT_ID_LENGTH)).toString('hex')
      const kept = await keepGrant(folder, { id, key: random(GRANT_KEY_LENGTH), quota, note })
      grants.set(id, kept)
      return { id, key: kept.key, quota, note }
    },
    grants: () =>
      [...grants.values()].map(({ id, quota, note, space }) => ({ id, quota, note, used: space.used })),
    async revoke(id) {
      if (!grants.delete(id)) throw new MunimentError('ERR_NOT_FOUND', 'this host has no such grant')
      for (const [channel, used] of channels) if (used === id) drop(channel)
      await removeGrant(folder, id)
    },
    async serve(channel) {
      channels.set(channel, undefined)
      try {
        await serveGuest({ ...init, admit, keyOf: (id) => grants.get(id)?.key }, channel)
      } finally {
        channels.delete(channel)
      }
    },
    async close() {
      for (const channel of channels.keys()) drop(channel)
    },
  }
}
