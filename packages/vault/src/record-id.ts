import { MunimentError, type Random } from '@muniment/interface'
import { base64url } from '@muniment/crypto'
import { MAX_SHARD_RECORDS } from './constants.ts'

/**
 * A record of this vault: `<shard>.<index>`, where the shard is 128 random bits in base64url (a segment's id, or that of
 * a shard of typed records) and the index counts from 0. The id finds the record and the shard of its edits directly.
 */
export type RecordId = string

const SHARD_ID = /^[A-Za-z0-9_-]{21}[AQgw]$/
const RECORD_ID = /^([A-Za-z0-9_-]{21}[AQgw])\.(0|[1-9][0-9]{0,3})$/

/** A fresh id of a segment or shard. */
export function freshShardId(random: Random): string {
  return base64url(random(16))
}

/** True for the canonical base64url of 16 bytes. */
export function isShardId(text: string): boolean {
  return SHARD_ID.test(text)
}

/** The id of a record from its parts. */
export function recordId(shard: string, index: number): RecordId {
  return `${shard}.${index}`
}

/** The parts of a record's id, or `undefined` for a text that is none. */
export function parseRecordId(id: RecordId): { shard: string; index: number } | undefined {
  const match = RECORD_ID.exec(id)
  const [, shard, digits] = match ?? []
  if (shard === undefined || digits === undefined) return undefined
  const index = Number(digits)
  return index < MAX_SHARD_RECORDS ? { shard, index } : undefined
}

/** The parts of a record's id; throws `ERR_NOT_FOUND` for a text that is none. */
export function requireRecordId(id: RecordId): { shard: string; index: number } {
  const parts = parseRecordId(id)
  if (!parts) throw new MunimentError('ERR_NOT_FOUND', 'there is no record with this id')
  return parts
}
