import { concat, inDomain, open, seal, type SealComponents, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DataKeys,
  type DeviceId,
  MunimentError,
  type VaultId,
} from '@muniment/interface'
import { ENTRY_SEAL_DOMAIN, SESSION_LENGTH } from './constants.ts'
import type { EntryDraft, EntryKind, WhyNoBody } from './entry.ts'
import type { EntryHeader } from './header.ts'

/** The byte that names a kind inside the seal. A number is never used again for another kind. */
const KIND_BYTES = { segment: 1, shard: 2, ledger: 3, forget: 4, settings: 5 } as const
type SealedKind = keyof typeof KIND_BYTES
const SEALED_KINDS = new Map<number, SealedKind>([
  [1, 'segment'],
  [2, 'shard'],
  [3, 'ledger'],
  [4, 'forget'],
  [5, 'settings'],
])

/** The vault and device that a payload is bound to, beside its header. */
export interface PayloadPlace {
  readonly vault: VaultId
  readonly device: DeviceId
  readonly headerBytes: Uint8Array
}

/** Seals a draft's kind and body for its place. The header it is bound to must already be final. */
export function sealPayload(
  components: SealComponents,
  dataKey: Uint8Array,
  draft: { readonly kind: Exclude<EntryDraft['kind'], 'roster'>; readonly body: Uint8Array },
  place: PayloadPlace,
): Uint8Array {
  const plaintext = concat(Uint8Array.of(KIND_BYTES[draft.kind]), draft.body)
  return seal(components, dataKey, plaintext, associatedData(place))
}

/** A payload's kind and body, or why there is none. */
export interface OpenedPayload {
  readonly kind: EntryKind | 'sealed'
  readonly body: Uint8Array | undefined
  readonly why?: WhyNoBody
}

/** Opens a payload as far as the keys at hand allow; throws nothing of what a writer could provoke. */
export function openPayload(
  components: { readonly cryptography: Cryptography; readonly dataKeys: DataKeys },
  header: EntryHeader,
  payload: Uint8Array | undefined,
  place: PayloadPlace,
): OpenedPayload {
  const { kind, key } = header
  if (key !== undefined && components.dataKeys.isErased(key)) return withoutBody(kind, 'erased')
  if (!payload) return withoutBody(kind, 'absent')
  if (kind !== 'sealed' || key === undefined) return { kind, body: payload }
  const dataKey = components.dataKeys.get(key)
  if (!dataKey) return withoutBody(kind, 'key-unknown')
  const plaintext = openOrNothing(components.cryptography, dataKey, payload, place)
  const sealedKind = SEALED_KINDS.get(plaintext?.[0] ?? 0)
  if (!plaintext || !sealedKind) return withoutBody(kind, 'unreadable')
  return { kind: sealedKind, body: plaintext.subarray(1) }
}

/** True when a payload that is not sealed has a length that its kind can have. */
export function isFitLength(header: EntryHeader): boolean {
  return header.kind !== 'session' || header.length === SESSION_LENGTH
}

function withoutBody(kind: OpenedPayload['kind'], why: WhyNoBody): OpenedPayload {
  return { kind, body: undefined, why }
}

function openOrNothing(
  cryptography: Cryptography,
  dataKey: Uint8Array,
  payload: Uint8Array,
  place: PayloadPlace,
): Uint8Array | undefined {
  try {
    return open(cryptography, dataKey, payload, associatedData(place))
  } catch (error) {
    if (error instanceof MunimentError) return undefined
    throw error
  }
}

function associatedData({ vault, device, headerBytes }: PayloadPlace): Uint8Array {
  return inDomain(ENTRY_SEAL_DOMAIN, toCanonical({ vault, device, header: headerBytes }))
}
