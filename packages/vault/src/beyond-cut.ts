import type { Log } from '@muniment/log'
import { MAX_QUARANTINE } from './constants.ts'
import type { QuarantineRow } from './rows.ts'

/** What removed devices wrote of the vault beyond where their logs end. */
export interface BeyondCut {
  /** As of the last look, in the order of devices and numbers; `MAX_QUARANTINE` at the most. */
  rows(): readonly QuarantineRow[]
  /** Looks again, where the log holds something else by now. */
  look(): Promise<void>
}

const PROBLEM = {
  code: 'removed',
  message: 'the device was removed from the vault, and wrote this beyond where its log ends',
}

/** Nothing was looked at yet. Nothing of this is in the tables: a removal that turns out void leaves no trace. */
export function beyondCut(log: Pick<Log, 'entries' | 'quarantined'>): BeyondCut {
  let rows: readonly QuarantineRow[] = []
  let looked = '[]'
  return {
    rows: () => rows,
    async look() {
      const ranges = [...log.quarantined()].sort((a, b) => (a.device < b.device ? -1 : 1))
      const wanted = JSON.stringify(ranges)
      if (wanted === looked) return
      const found: QuarantineRow[] = []
      for (const { device, first, last } of ranges) {
        for await (const entry of log.entries(device, { from: first, to: last, beyondCut: true })) {
          if (found.length === MAX_QUARANTINE) break
          // Who is a member is the roster's to say, and a session entry says nothing.
          const { seq, hash, kind } = entry
          if (kind !== 'roster' && kind !== 'session')
            found.push({ device, seq, hash, kind, problems: [PROBLEM] })
        }
      }
      rows = found
      looked = wanted
    },
  }
}
