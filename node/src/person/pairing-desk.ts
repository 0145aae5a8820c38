import { invite, type Invitation, type InviteComponents, type RosterDevice } from '@muniment/devices'
import { type Channel, type Clock, isMunimentError, MunimentError } from '@muniment/interface'

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
  /** The one that is shown now. */
  invitation: Invitation
  /** Devices that are answering it now. */
  answering: number
  readonly options: InviteOptions
  readonly joined: PromiseWithResolvers<RosterDevice>
  /** Aborted when the person takes the invitation back, and when this device stops. */
  readonly stop: AbortSignal
  /** Aborted once a device is enrolled, or nobody waits any more. */
  readonly settled: AbortController
}

/** The refusals that the other device is told of. */
const TOLD = ['ERR_INVITATION_EXPIRED', 'ERR_INVITATION_USED', 'ERR_WRONG_CODE', 'ERR_UNREACHABLE'] as const

/** Opens the desk; one person is invited at a time, and a later invitation takes the earlier back. */
export function pairingDesk(
  components: InviteComponents,
  { addresses, stopping }: { readonly addresses: () => readonly string[]; readonly stopping: AbortSignal },
): PairingDesk {
  let inviting: Inviting | undefined
  const fresh = (): Invitation => invite(components, { addresses: addresses() })
  return {
    async invite(options) {
      const stop = options.signal ? AbortSignal.any([options.signal, stopping]) : stopping
      if (stop.aborted) throw takenBack('the invitation was taken back')
      inviting?.joined.reject(takenBack('a later invitation took this one back'))
      const joined = Promise.withResolvers<RosterDevice>()
      const settled = new AbortController()
      const current = { invitation: fresh(), answering: 0, options, joined, stop, settled }
      inviting = current
      const giveUp = (): void => joined.reject(takenBack('the invitation was taken back'))
      stop.addEventListener('abort', giveUp, { once: true })
      show(current, components.clock)
      try {
        return await joined.promise
      } finally {
        stop.removeEventListener('abort', giveUp)
        settled.abort()
        current.invitation.withdraw()
        if (inviting === current) inviting = undefined
      }
    },
    async accept(channel) {
      try {
        if (inviting) await acceptOne(inviting, channel, { fresh, clock: components.clock })
        else await refuseLate(fresh(), channel)
      } catch (error) {
        // The other device was told why: dropping the channel now could overtake what it was told.
        if (!TOLD.some((code) => isMunimentError(error, code))) throw error
      }
    },
  }
}

function takenBack(message: string): MunimentError {
  return new MunimentError('ERR_ABORTED', message)
}

function show(current: Inviting, clock: Clock): void {
  current.options.onInvitation(current.invitation)
  void expireInTime(current, clock)
}

/** Ends the waiting when the time of the invitation shown is over and nobody has answered it. */
async function expireInTime({ invitation, joined, settled }: Inviting, clock: Clock): Promise<void> {
  try {
    await clock.wait(invitation.expiresAt - clock.now(), { signal: settled.signal })
  } catch {
    return
  }
  if (invitation.state() !== 'expired') return
  joined.reject(new MunimentError('ERR_INVITATION_EXPIRED', 'the invitation has expired: show a new one'))
}

async function acceptOne(
  current: Inviting,
  channel: Channel,
  { fresh, clock }: { readonly fresh: () => Invitation; readonly clock: Clock },
): Promise<void> {
  const { invitation, joined } = current
  try {
    await answer(current, channel)
  } catch (error) {
    if (isMunimentError(error, 'ERR_WORDS_DIFFER')) joined.reject(error)
    else if (isUsedUp(current, invitation)) {
      current.invitation = fresh()
      show(current, clock)
    }
    throw error
  }
}

async function answer(current: Inviting, channel: Channel): Promise<void> {
  const { invitation, options, joined, stop, settled } = current
  let enrolled: RosterDevice | undefined
  current.answering += 1
  try {
    await invitation.accept(channel, {
      confirmWords: options.confirmWords,
      onJoined: (device) => {
        enrolled = device
      },
      signal: stop,
    })
  } finally {
    current.answering -= 1
    // Enrolled is enrolled, also when the line breaks before the other device has heard of it.
    if (enrolled) {
      settled.abort()
      joined.resolve(enrolled)
    }
  }
}

/**
 * Whoever guessed wrong has used the invitation up, and so has whoever proved the secret and then broke off. A device
 * that merely dials while another one compares words has not.
 */
function isUsedUp(
  { invitation: shown, answering, stop, settled }: Inviting,
  invitation: Invitation,
): boolean {
  if (shown !== invitation || stop.aborted || settled.signal.aborted) return false
  const state = invitation.state()
  return state === 'burnt' || (state === 'used' && answering === 0)
}

/** An invitation that nobody was shown and that is over says what is true of every earlier one: it is used up. */
async function refuseLate(invitation: Invitation, channel: Channel): Promise<void> {
  invitation.withdraw()
  await invitation.accept(channel, { confirmWords: async () => false })
}
