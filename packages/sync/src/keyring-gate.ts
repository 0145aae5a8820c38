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
  /** What of ours the peer has, or will have made of what it has: when it says the same of its own, all is said. */
  let known = isCovered(spokenKeyring(keyring), theirs) ? nameOf(spokenKeyring(keyring)) : nameOf(theirs)
  let refused: Uint8Array | undefined
  const merge = async (bytes: Uint8Array): Promise<void> => {
    refused = undefined
    const wasTold = nameOf(spokenKeyring(keyring)) === known
    const outcome = await keyring.merge(bytes)
    if (!outcome.ok) refused = bytes
    // The peer has ours and its own: it comes to the same union by itself.
    if (wasTold) known = nameOf(spokenKeyring(keyring))
  }
  return {
    due() {
      const described = spokenKeyring(keyring)
      const bytes = keyring.bytes()
      if (!bytes || nameOf(described) === known) return undefined
      known = nameOf(described)
      return { type: 'keyring', described, bytes }
    },
    async take({ described, bytes }) {
      await merge(bytes)
      if (isCovered(spokenKeyring(keyring), described)) known = nameOf(spokenKeyring(keyring))
    },
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
