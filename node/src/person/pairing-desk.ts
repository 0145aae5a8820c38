import { invite, type Invitation, type RosterDevice } from '@muniment/devices'
import { type Channel, isMunimentError, MunimentError } from '@muniment/interface'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import type { PersonParts } from './open-parts.ts'

/** What a person needs to invite a device. */
export interface InviteOptions {
  /** Shows the words to the person and asks whether the other device shows the same. */
  readonly confirmWords: (
    words: readonly string[],
    options: { readonly signal: AbortSignal },
  ) => Promise<boolean>
  /** Shows the invitation: again with a new one when a wrong guess has burnt it. */
  readonly onInvitation: (invitation: Invitation) => void
  readonly signal?: AbortSignal | undefined
}

/** Where invited devices are let in. */
export interface PairingDesk {
  /**
   * Invites one device; resolves once it is enrolled and has what it needs. Throws `ERR_INVITATION_EXPIRED`,
   * `ERR_WORDS_DIFFER`, `ERR_ABORTED`.
   */
  invite(options: InviteOptions): Promise<RosterDevice>
  /** Answers a device that dials the pairing protocol; one that comes after the invitation is told so. */
  readonly accept: (channel: Channel) => Promise<void>
}

interface Inviting {
  invitation: Invitation
  readonly options: InviteOptions
  readonly joined: PromiseWithResolvers<RosterDevice>
  readonly show: () => void
}

/** The refusals that the other device is told of. */
const TOLD = ['ERR_INVITATION_EXPIRED', 'ERR_INVITATION_USED', 'ERR_WRONG_CODE', 'ERR_UNREACHABLE'] as const

/** Opens the desk; one person is invited at a time, and a later invitation takes the earlier back. */
export function pairingDesk(
  parts: PersonParts,
  { addresses, stopping }: { readonly addresses: () => readonly string[]; readonly stopping: AbortSignal },
): PairingDesk {
  let inviting: Inviting | undefined
  const fresh = (): Invitation =>
    invite(
      { ...parts, cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock },
      { addresses: addresses() },
    )
  return {
    async invite(options) {
      inviting?.joined.reject(new MunimentError('ERR_ABORTED', 'a later invitation took this one back'))
      const current: Inviting = {
        invitation: fresh(),
        options,
        joined: Promise.withResolvers<RosterDevice>(),
        show() {
          current.invitation = fresh()
          options.onInvitation(current.invitation)
        },
      }
      inviting = current
      options.onInvitation(current.invitation)
      const settled = new AbortController()
      void rejectInTime(
        current,
        options.signal ? AbortSignal.any([options.signal, stopping]) : stopping,
        settled.signal,
      )
      try {
        return await current.joined.promise
      } finally {
        settled.abort()
        current.invitation.withdraw()
        if (inviting === current) inviting = undefined
      }
    },
    async accept(channel) {
      try {
        if (inviting) await acceptOne(inviting, channel)
        else await refuseLate(fresh(), channel)
      } catch (error) {
        // The other device was told why: dropping the channel now could overtake what it was told.
        if (!TOLD.some((code) => isMunimentError(error, code))) throw error
      }
    },
  }
}

async function acceptOne(current: Inviting, channel: Channel): Promise<void> {
  const { invitation, options, joined } = current
  try {
    const { confirmWords, signal } = options
    joined.resolve(await invitation.accept(channel, { confirmWords, ...(signal && { signal }) }))
  } catch (error) {
    if (isMunimentError(error, 'ERR_WORDS_DIFFER')) joined.reject(error)
    // Whoever guessed wrong, or broke off after proving the secret, has used it up: the person shows another.
    else if (invitation === current.invitation && invitation.state() !== 'open') current.show()
    throw error
  }
}

/** An invitation that nobody was shown and that is over says what is true of every earlier one: it is used up. */
async function refuseLate(invitation: Invitation, channel: Channel): Promise<void> {
  invitation.withdraw()
  await invitation.accept(channel, { confirmWords: async () => false })
}

/** Ends the waiting when the invitation has expired or nobody waits any more. */
async function rejectInTime(
  { joined, invitation }: Inviting,
  stop: AbortSignal,
  settled: AbortSignal,
): Promise<void> {
  const life = invitation.expiresAt - nodeClock.now()
  try {
    await nodeClock.wait(life, { signal: AbortSignal.any([stop, settled]) })
    joined.reject(new MunimentError('ERR_INVITATION_EXPIRED', 'the invitation has expired: show a new one'))
  } catch {
    if (!settled.aborted) joined.reject(new MunimentError('ERR_ABORTED', 'the invitation was taken back'))
  }
}
