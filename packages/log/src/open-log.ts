import { base64url } from '@muniment/crypto'
import { type DeviceId, MunimentError } from '@muniment/interface'
import { auditLog, giveUpHoles } from './audit-log.ts'
import { delivery } from './delivery.ts'
import { droppedPayloads } from './drop-payloads.ts'
import { dropSealed } from './drop-sealed.ts'
import { parseFrame } from './frame.ts'
import { listFrames } from './list-frames.ts'
import type { Log, LogComponents, LogFrame, LogHead, LogInit } from './log.ts'
import { isLost, type LogState, readState } from './log-state.ts'
import { holdsFrame, ownHead } from './own-head.ts'
import { receiveFrames } from './receive-frames.ts'
import { hashText, readFrames, readFrameWith, readRivals } from './rows.ts'
import { newsOf } from './news.ts'
import { turns } from './turns.ts'
import { entryWriter } from './write-entries.ts'

/**
 * Opens the logs of a vault's devices as its store holds them. Everything recovers from the store: there is nothing
 * to close beside it. Throws `ERR_STORE_DAMAGED`.
 */
export async function openLog(components: LogComponents, init: LogInit): Promise<Log> {
  const { store, cryptography, signer, members } = components
  const { vault } = init
  const device = signer && ownDevice(signer.publicKey)
  const state = await readState(cryptography, store, vault)
  const own = ownHead({ store, state, members }, device)
  const turn = turns()
  const news = newsOf()
  const shared = { components, init, state, news }
  const writing = signer && { ...shared, components: { ...components, signer }, own, turn }
  const append = writing && device !== undefined ? entryWriter({ ...writing, device }) : undefined
  return {
    vault,
    device,
    async append(drafts) {
      own.assertWritable()
      return append?.(drafts) ?? []
    },
    confirmHead: (theirs) => own.confirm(theirs),
    knownOffline: () => own.knownOffline(),
    get isHeadDoubted() {
      return state.isOwnHeadDoubted
    },
    get isRolledBack() {
      return own.isRolledBack
    },
    heads: () => headsOf(state),
    ...delivery(components, { vault, state }),
    hasFrame: (of, seq, hash) => holdsFrame(store, state, { device: of, seq, hash }),
    // An old copy keeps its own log to itself: what others hold of it is more, or something else.
    frames: (after) => listFrames(store, state, after, (of) => of === device && own.isRolledBack),
    landmarks: (of) => landmarksOf(components, state, of),
    evidence: (of) => evidenceOf(components, { vault, state, device: of }),
    receive: async (bundle) => {
      const [outcome] = await turn(() => receiveFrames({ ...shared, device }, [bundle]))
      if (!outcome) throw new MunimentError('ERR_INTERNAL', 'a received frame got no outcome')
      return outcome
    },
    receiveAll: (bundles) => turn(() => receiveFrames({ ...shared, device }, bundles)),
    dropPayloads: (of, seqs) =>
      turn(async () => {
        await store.commit(
          await droppedPayloads({ cryptography, store, vault }, of, seqs, (seq) => isLost(state, of, seq)),
        )
        state.newest.delete(of)
      }),
    dropSealed: (isGone, onFound) =>
      turn(() => dropSealed({ cryptography, store, vault, state }, isGone, onFound)),
    holes: () => state.holes,
    giveUpHoles: () => turn(() => giveUpHoles(store, state)),
    audit: () => turn(() => auditLog(components, { vault, state })),
    onAppend: (listener) => news.onAppend(listener),
    onFork: (listener) => news.onFork(listener),
    forks: () => [...state.proofs.values()],
  }
}

function ownDevice(publicKey: { readonly algorithm: string; readonly bytes: Uint8Array }): DeviceId {
  if (publicKey.algorithm === 'Ed25519') return base64url(publicKey.bytes)
  throw new MunimentError('ERR_INVALID_ARGUMENT', "a device's log is signed with Ed25519")
}

function headsOf(state: LogState): Record<DeviceId, LogHead> {
  const heads: Record<DeviceId, LogHead> = {}
  for (const [device, { seq, hash, forkedAt }] of state.heads) {
    heads[device] = { seq, hash: hashText(hash), ...(forkedAt === undefined ? {} : { forkedAt }) }
  }
  return heads
}

/** The head, then frames further back by doubling steps, then the first frame. */
async function landmarksOf(
  { store }: LogComponents,
  state: LogState,
  device: DeviceId,
): Promise<{ seq: number; hash: string }[]> {
  const head = state.heads.get(device)
  if (!head) return []
  const landmarks = [{ seq: head.seq, hash: hashText(head.hash) }]
  let step = 1
  for (let seq = head.seq; seq > 1;) {
    const row = isLost(state, device, seq) ? undefined : await readFrameWith(store, device, seq)
    if (!row || row.first === 1) break
    landmarks.push({ seq: row.first - 1, hash: hashText(row.previous) })
    seq = Math.max(1, row.first - step)
    step *= 2
  }
  return landmarks
}

async function* evidenceOf(
  { store, cryptography }: LogComponents,
  { vault, state, device }: { vault: string; state: LogState; device: DeviceId },
): AsyncGenerator<LogFrame> {
  const head = state.heads.get(device)
  if (head?.forkedAt === undefined) return
  const to = isLost(state, device, head.forkedAt) ? 0 : head.forkedAt
  for await (const row of readFrames(store, device, { from: head.forkedAt, to })) {
    yield { device, first: row.first, last: row.last, bundle: row.bundle }
  }
  for await (const bundle of readRivals(store, device)) {
    const { first, last } = parseFrame(cryptography, vault, bundle)
    yield { device, first, last, bundle }
  }
}
