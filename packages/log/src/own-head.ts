import { type DeviceId, MunimentError, type Store } from '@muniment/interface'
import { doubtChange } from './doubt.ts'
import type { Members } from './log.ts'
import { EMPTY_HEAD, isLost, type LogState } from './log-state.ts'
import { hashText, readFrameWith } from './rows.ts'

/** Whether this device may write in this opening of its log (protocol rule 3). */
export interface OwnHead {
  confirm(theirs: { readonly seq: number; readonly hash: string } | undefined): Promise<void>
  knownOffline(): void
  /** Throws unless writing is allowed. */
  assertWritable(): void
  readonly isRolledBack: boolean
}

/** The gate in front of a device's own log: shut when it is opened. */
export function ownHead(
  { store, state, members }: { readonly store: Store; readonly state: LogState; readonly members: Members },
  device: DeviceId | undefined,
): OwnHead {
  let isConfirmed = false
  const head = () => (device === undefined ? EMPTY_HEAD : (state.heads.get(device) ?? EMPTY_HEAD))
  const isRolledBack = (): boolean => head().isRolledBack === true
  return {
    async confirm(theirs) {
      if (device === undefined) return
      const isHeld = !theirs || theirs.seq === 0 || (await holdsFrame(store, state, { device, ...theirs }))
      if (isRolledBack() || !isHeld) throw rolledBack()
      // Who holds nothing of this device cannot say that nothing is missing.
      if (state.isOwnHeadDoubted && !theirs?.seq) return
      if (state.isOwnHeadDoubted) await store.commit([doubtChange(false)])
      state.isOwnHeadDoubted = false
      isConfirmed = true
    },
    knownOffline() {
      isConfirmed ||= !state.isOwnHeadDoubted
    },
    assertWritable() {
      if (device === undefined)
        throw new MunimentError('ERR_INVALID_ARGUMENT', 'this log was opened without a key to sign with')
      if (members.cutOf?.(device))
        throw new MunimentError('ERR_REMOVED', 'this device was removed from the vault')
      if (isRolledBack()) throw rolledBack()
      if (isConfirmed) return
      throw new MunimentError(
        'ERR_HEAD_UNCONFIRMED',
        'this device has not compared its log with another one yet, nor is it known that none can be reached',
      )
    },
    get isRolledBack() {
      return isRolledBack()
    },
  }
}

/** True when the main branch holds a frame that ends at `seq` with that hash. */
export async function holdsFrame(
  store: Store,
  state: LogState,
  { device, seq, hash }: { readonly device: DeviceId; readonly seq: number; readonly hash: string },
): Promise<boolean> {
  const head = state.heads.get(device) ?? EMPTY_HEAD
  if (seq > head.seq || seq < 1) return false
  if (seq === head.seq) return hashText(head.hash) === hash
  // What the disk lost says nothing about what others hold.
  if (isLost(state, device, seq + 1)) return true
  // The frame after it names its hash: no need to hash anything again.
  const next = await readFrameWith(store, device, seq + 1)
  return next?.first === seq + 1 && hashText(next.previous) === hash
}

function rolledBack(): MunimentError {
  return new MunimentError(
    'ERR_ROLLED_BACK',
    'others hold entries of this device that it does not have: this is an old copy, and the device has to enrol again',
  )
}
