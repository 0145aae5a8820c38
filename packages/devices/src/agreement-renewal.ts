import { inTurn } from './in-turn.ts'
import type { KeyringState } from './keyring-state.ts'
import { isSealedTo, type KeyringComponents } from './keyring-wrap.ts'

/** Renews this device's agreement key when it owes that. Never throws: what fails is tried again at the next call. */
export interface AgreementRenewal {
  /** Makes a key and publishes it, or goes on where that was cut off. */
  publish(): Promise<void>
  /** Deletes the earlier private halves once the device's own keyring opens with the newest. */
  forget(): Promise<void>
}

/**
 * Renewal after each removal and rotation (protocol rule 5). The order is what makes a crash harmless: the new private half
 * is on disk before the roster names its public half, and the old one is deleted only when the device's keyring is sealed
 * to the new one. Who does not know the new key yet and seals to the old one learns it from the roster, which is not
 * sealed, and takes this device's keyring instead.
 */
export function agreementRenewal(components: KeyringComponents, state: KeyringState): AgreementRenewal {
  const { roster, keys, agreement, cryptography } = components
  const turn = inTurn()
  const listed = (): Uint8Array | undefined => roster.device(keys.id)?.agreementKey
  const isListed = (key: Uint8Array | undefined): boolean => {
    const known = listed()
    return key !== undefined && known !== undefined && cryptography.equal(known, key)
  }

  async function publish(): Promise<void> {
    if (!agreement || roster.isGranted() || !listed()) return
    if (roster.owesAgreement() && isListed(agreement.keys()[0]?.publicKey)) await agreement.renew()
    const newest = agreement.keys()[0]
    if (newest && !isListed(newest.publicKey)) await roster.renewAgreement(newest.publicKey)
  }

  async function forget(): Promise<void> {
    const [newest, earlier] = agreement?.keys() ?? []
    if (!agreement || !newest || !earlier || !isListed(newest.publicKey)) return
    const { wrap } = state.held()
    const to = { id: keys.id, agreementKey: newest.publicKey }
    if (wrap && isSealedTo(cryptography, wrap, to)) await agreement.forgetEarlier()
  }

  return {
    publish: () => turn(publish).catch(() => undefined),
    forget: () => turn(forget).catch(() => undefined),
  }
}
