import {
  type Cryptography,
  type DeviceId,
  type KeyId,
  MunimentError,
  type Store,
  type VaultId,
} from '@muniment/interface'
import { type Frame, parseFrame, withoutPayloads } from './frame.ts'
import type { Members, ReceiveOutcome } from './log.ts'
import type { Batch, LogState } from './log-state.ts'
import { readFrameWith } from './rows.ts'

/** What judging a frame needs. */
export interface AcceptContext {
  readonly cryptography: Cryptography
  readonly store: Store
  readonly members: Members
  readonly isErased: (key: KeyId) => boolean
  readonly vault: VaultId
  readonly self: DeviceId | undefined
  readonly state: LogState
  readonly batch: Batch
  /** Frames accepted into the batch, which the store does not have yet. */
  readonly accepted: Frame[]
}

/** The frame held with that entry, of which the log counts on. Throws `ERR_STORE_DAMAGED`. */
export async function heldFrame(context: AcceptContext, device: DeviceId, seq: number): Promise<Frame> {
  const pending = context.accepted.find(
    (frame) => frame.device === device && frame.first <= seq && seq <= frame.last,
  )
  if (pending) return pending
  const row = await readFrameWith(context.store, device, seq)
  if (!row) throw new MunimentError('ERR_STORE_DAMAGED', 'a frame that the log counts is missing')
  return parseFrame(context.cryptography, context.vault, row.bundle)
}

/** A frame that was stored, or was here already. */
export function yes({ device, first, last }: Frame, isNew: boolean): ReceiveOutcome {
  return { ok: true, device, first, last, isNew }
}

/** A frame that was not stored. */
export function no(code: string, message: string, device?: DeviceId): ReceiveOutcome {
  return { ok: false, problems: [{ code, message }], ...(device !== undefined && { device }) }
}

/** The frame as it is to be stored: what is sealed with an erased key comes back from nowhere. */
export function storedBundle(
  { cryptography, isErased }: AcceptContext,
  frame: Frame,
  bundle: Uint8Array,
): Uint8Array {
  const erased = new Set(
    frame.headers.filter(({ key }) => key !== undefined && isErased(key)).map(({ seq }) => seq),
  )
  return erased.size === 0 ? bundle : withoutPayloads(cryptography, frame, (seq) => erased.has(seq))
}
