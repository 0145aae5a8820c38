import type { SyncKeyring } from './components.ts'
import type { LiveMessage, SpokenKeyring } from './messages.ts'

type KeyringMessage = Extract<LiveMessage, { type: 'keyring' }>

/** Knows whether the peer has the keyring that is held here. */
export interface KeyringGate {
  /** The message that brings the peer up to date, counted as sent; `undefined` when it is. */
  due(): KeyringMessage | undefined
  /** Takes in the peer's keyring. A refused one changes nothing, and is tried again by {@link retry}. */
  take(message: KeyringMessage): Promise<void>
  /** Tries the refused one again: its author may have become known by the roster entries that came since. */
  retry(): Promise<void>
}

/** A gate for a peer that said which keyring it holds. */
export function keyringGate(keyring: SyncKeyring, theirs: SpokenKeyring): KeyringGate {
  const ownName = (): string => nameOf(spokenKeyring(keyring))
  /** The one of ours that the peer needs no telling of: sent to it, or with nothing in it that is not in its own. */
  let told: string | undefined
  let refused: KeyringMessage | undefined
  const compare = (spoken: SpokenKeyring): void => {
    if (isCovered(spokenKeyring(keyring), spoken)) told = ownName()
  }
  const merge = async (message: KeyringMessage): Promise<void> => {
    refused = undefined
    const outcome = await keyring.merge(message.bytes)
    if (!outcome.ok) refused = message
    compare(message.described)
  }
  compare(theirs)
  return {
    due() {
      const bytes = keyring.bytes()
      if (!bytes || ownName() === told) return undefined
      told = ownName()
      return { type: 'keyring', described: spokenKeyring(keyring), bytes }
    },
    take: merge,
    async retry() {
      if (refused) await merge(refused)
    },
  }
}

/** True when all changes in the one are in the other, under the same epoch's key. */
function isCovered(one: SpokenKeyring, other: SpokenKeyring): boolean {
  const isIn = ([device, changes]: [string, number]): boolean => changes <= (other.version[device] ?? 0)
  return one.epoch === other.epoch && Object.entries(one.version).every(isIn)
}

/** Which keyring is held, as it is told to a peer. */
export function spokenKeyring(keyring: SyncKeyring): SpokenKeyring {
  const { epoch = null, version } = keyring.describe()
  return { epoch, version }
}

function nameOf({ epoch, version }: SpokenKeyring): string {
  const entries = Object.entries(version).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return JSON.stringify([epoch, entries])
}
