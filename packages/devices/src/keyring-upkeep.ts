import { agreementRenewal } from './agreement-renewal.ts'
import type { InTurn } from './in-turn.ts'
import type { KeyringState } from './keyring-state.ts'
import { isAuthorOfHead, isOpenToOthers, isStale, type KeyringComponents } from './keyring-wrap.ts'

/** What a keyring does by itself when the roster changes. */
export interface KeyringUpkeep {
  /** Makes a fresh epoch key if the one in use is of an epoch that is over. Called in turn. */
  renew(): Promise<void>
  /** Does so where it cannot wait for the next write. Called in turn. */
  renewIfDue(): Promise<void>
  /** That, and the device's own agreement key. A failure leaves it due: the next write tries again, and throws. */
  settle(): Promise<void>
}

/** The upkeep of one keyring. */
export function keyringUpkeep(
  components: KeyringComponents,
  state: KeyringState,
  turn: InTurn,
): KeyringUpkeep {
  const { roster, keys } = components
  const renewal = agreementRenewal(components, state)

  async function renew(): Promise<void> {
    const { wrap, content } = state.held()
    if (!wrap || isStale(components, wrap)) await state.change(content)
  }

  /**
   * Where this device made the latest change; where somebody who is out can open what is held; and where that was written
   * by somebody who is out, from whom the others take nothing.
   */
  async function renewIfDue(): Promise<void> {
    const { wrap, author = keys.id, content } = state.held()
    if (!wrap || roster.out().includes(keys.id)) return
    if (isAuthorOfHead(components) || isOpenToOthers(components, wrap)) await renew()
    else if (roster.out().includes(author)) await state.change(content)
  }

  return {
    renew,
    renewIfDue,
    async settle() {
      await turn(renewIfDue).catch(() => undefined)
      await renewal.publish()
      await renewal.forget()
    },
  }
}
