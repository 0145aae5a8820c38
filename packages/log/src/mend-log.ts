import { sameBytes } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  MunimentError,
  type Store,
  type StoreChange,
  type VaultId,
} from '@muniment/interface'
import { doubtChange } from './doubt.ts'
import { type Frame, isSigned, parseFrame } from './frame.ts'
import { type Hole, type Holes, holesChange, readHoles } from './holes.ts'
import { EMPTY_HEAD } from './log-state.ts'
import { type Head, headChange, listFrameRows, type PlacedFrameRow, readHeads, readProofs } from './rows.ts'

/** What looking through a log takes. */
export interface SurveyComponents {
  readonly cryptography: Cryptography
  readonly store: Store
}

/** What a store holds of the logs of a vault, all of it checked. */
export interface Survey {
  readonly heads: Map<DeviceId, Head>
  readonly holes: Map<DeviceId, readonly Hole[]>
}

/**
 * Makes the heads of a log anew from its frames, after its store lost rows, and notes what is missing between them. To be
 * called before the log is opened. A head that counts more than there is stays: what it counts is lost and can come
 * back. Gives what is lost.
 *
 * Where other devices are known, this one does not write before one of them has said how much it holds of its log: the end
 * of it may be lost without a trace (protocol rule 3).
 *
 * @param devices - this device, and others that are known; those that their frames speak of are found
 */
export async function mendLog(
  components: SurveyComponents,
  { vault, devices }: { readonly vault: VaultId; readonly devices: readonly DeviceId[] },
): Promise<Holes> {
  const { store } = components
  const before = await readHeads(store, () => undefined)
  const survey = await surveyLog(components, { vault, heads: before, devices })
  const doubts = survey.heads.size > 1 ? [doubtChange(true)] : []
  await store.commit([...surveyChanges(survey), ...doubts])
  return survey.holes
}

/** The changes that keep what was found. */
export function surveyChanges({ heads, holes }: Survey): StoreChange[] {
  const changes: StoreChange[] = []
  for (const [device, head] of heads) changes.push(headChange(device, head))
  for (const [device, lost] of holes) changes.push(holesChange(device, lost))
  return changes
}

/** Reads all frames of the devices, and of those that they had seen. */
export async function surveyLog(
  components: SurveyComponents,
  init: {
    readonly vault: VaultId
    readonly heads: ReadonlyMap<DeviceId, Head>
    readonly devices: readonly DeviceId[]
  },
): Promise<Survey> {
  const proofs = await readProofs(components.store)
  const noted = await readHoles(components.store)
  const survey: Survey = { heads: new Map(), holes: new Map() }
  const known = new Set([...init.heads.keys(), ...init.devices])
  // What is added while the loop goes on is met by it.
  for (const device of known) {
    const frames = await surveyFrames(components, init.vault, device)
    for (const seen of frames.seen) known.add(seen)
    const before = init.heads.get(device) ?? EMPTY_HEAD
    const forkedAt = before.forkedAt ?? proofs.get(device)?.seq
    const head = { ...laterHead(before, frames.newest), ...(forkedAt === undefined ? {} : { forkedAt }) }
    if (head.seq === 0) continue
    survey.heads.set(device, head)
    survey.holes.set(device, asGivenUp(gapsIn(frames.spans, head.seq), noted.get(device) ?? []))
  }
  return survey
}

interface FoundFrames {
  readonly spans: readonly Hole[]
  /** The last frame, with its hash. */
  readonly newest: { readonly row: PlacedFrameRow; readonly hash: Uint8Array } | undefined
  /** The devices of which the writer had seen something. */
  readonly seen: readonly DeviceId[]
}

async function surveyFrames(
  { cryptography, store }: SurveyComponents,
  vault: VaultId,
  device: DeviceId,
): Promise<FoundFrames> {
  const spans: Hole[] = []
  let newest: FoundFrames['newest']
  for await (const row of listFrameRows(store, device)) {
    const frame = frameOf(cryptography, vault, row)
    if (frame?.device !== device || frame.first !== row.first || frame.last !== row.last) continue
    const follows = newest?.row.last === row.first - 1
    if (follows && newest && !sameBytes(newest.hash, frame.previous)) continue
    spans.push({ first: row.first, last: row.last })
    newest = { row, hash: frame.hash }
  }
  return { spans, newest, seen: Object.keys(newest?.row.after ?? {}) }
}

function frameOf(cryptography: Cryptography, vault: VaultId, row: PlacedFrameRow): Frame | undefined {
  try {
    const frame = parseFrame(cryptography, vault, row.bundle)
    return isSigned(cryptography, frame) ? frame : undefined
  } catch (error) {
    if (error instanceof MunimentError) return undefined
    throw error
  }
}

/** The head that was noted, or the one that the frames come to when they go further. */
function laterHead(noted: Head, newest: FoundFrames['newest']): Head {
  if (!newest || newest.row.last <= noted.seq) return noted
  const { row, hash } = newest
  return { ...noted, seq: row.last, hash, clocks: row.after }
}

/** What was given up stays so. */
function asGivenUp(holes: readonly Hole[], noted: readonly Hole[]): Hole[] {
  const given = noted.filter(({ isGivenUp }) => isGivenUp)
  return holes.map(({ first, last }) => {
    const isGivenUp = given.some((hole) => hole.first <= first && last <= hole.last)
    return isGivenUp ? { first, last, isGivenUp } : { first, last }
  })
}

function gapsIn(spans: readonly Hole[], to: number): Hole[] {
  const gaps: Hole[] = []
  let next = 1
  for (const { first, last } of [...spans, { first: to + 1, last: to + 1 }]) {
    if (first > next) gaps.push({ first: next, last: first - 1 })
    next = last + 1
  }
  return gaps
}
