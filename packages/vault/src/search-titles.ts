import { fromUtf8, utf8 } from '@muniment/crypto'
import { DEFAULT_SEARCH_LIMIT, MAX_INFLATED_ROWS } from './constants.ts'
import type { VaultCore } from './core.ts'
import { readRecord } from './read-records.ts'
import type { VaultRecord } from './record.ts'
import { recordId } from './record-id.ts'
import { type SegmentRow, TABLES } from './rows.ts'

const MARKS = /\p{M}/gu
const LIGATURES: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae', ß: 'ss', ø: 'o', ł: 'l', đ: 'd' }

/** A text without case and accents, as titles are compared. */
function folded(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(/[œæßøłđ]/g, (letter) => LIGATURES[letter] ?? letter)
}

/** Records whose title holds all words of the text: typed ones first, then segments from the newest. */
export async function searchTitles(
  core: VaultCore,
  text: string,
  { limit = DEFAULT_SEARCH_LIMIT }: { readonly limit?: number } = {},
): Promise<readonly VaultRecord[]> {
  const words = folded(text).split(/\s+/u).filter(Boolean)
  if (words.length === 0) return []
  const isHit = (title: string): boolean => words.every((word) => title.includes(word))
  const hits: VaultRecord[] = []
  for await (const id of candidates(core, isHit)) {
    const record = await readRecord(core, id)
    if (record && isHit(folded(record.title))) hits.push(record)
    if (hits.length >= limit) break
  }
  return hits
}

async function* candidates(core: VaultCore, isHit: (title: string) => boolean): AsyncGenerator<string> {
  const { segments, shards } = core.catalogue()
  for (const { id } of shards.values()) {
    if (segments.has(id)) continue
    const shard = await core.shards.open(id)
    for (const index of shard.indices()) yield recordId(id, index)
  }
  const rows = core
    .catalogue()
    .segmentsInSight()
    .toSorted((a, b) => (b.times?.[1] ?? 0) - (a.times?.[1] ?? 0))
  for (const row of rows) {
    const retitled = await retitledIn(core, row)
    for (const index of retitled) yield recordId(row.id, index)
    for (const [index, title] of (await titlesOf(core, row)).entries()) {
      if (!retitled.has(index) && isHit(title)) yield recordId(row.id, index)
    }
  }
}

/** Records of a segment that got another title. */
async function retitledIn(core: VaultCore, row: SegmentRow): Promise<ReadonlySet<number>> {
  if (!core.catalogue().shards.has(row.id)) return new Set()
  const shard = await core.shards.open(row.id)
  return new Set(shard.indices().filter((index) => shard.registers(index).has('@title')))
}

/** The folded titles of a segment, kept in the tables so that a search need not read the segment. */
async function titlesOf(core: VaultCore, row: SegmentRow): Promise<readonly string[]> {
  const known = await core.tables.get(TABLES.titles, row.id)
  if (known) return fromUtf8(core.compression.inflate(known, MAX_INFLATED_ROWS)).split('\n')
  const drafts = await core.segments.drafts(row)
  const titles = drafts.map(({ title }) => folded(title).replaceAll('\n', ' '))
  // It may have been taken back while it was read.
  if (!core.catalogue().segments.has(row.id)) return titles
  core.tables.put([
    { table: TABLES.titles, key: row.id, value: core.compression.deflate(utf8(titles.join('\n'))) },
  ])
  return titles
}
