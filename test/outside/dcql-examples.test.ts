import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPresentations, parseDcqlQuery, selectCredentials } from '@muniment/credentials'
import { DcqlQuery as Oracle } from 'dcql'
import { describe, expect, test } from 'vitest'

const vectors = process.env['MUNIMENT_VECTORS']
if (!vectors) throw new Error('set MUNIMENT_VECTORS to the folder of published test vectors')
const folder = join(vectors, 'openid4vp-1.0', 'query_lang')
const examples = readdirSync(folder)

/** Every example of OpenID4VP 1.0 holds its answer in its paths: a credential that has them all answers it. */
function heldFor(path: readonly (string | number | null)[], value: unknown): object {
  return path.reduceRight<unknown>((inner, step) => ({ [String(step)]: inner }), value) as object
}

describe('the DCQL examples of OpenID4VP 1.0', () => {
  test('are all there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(7)
  })

  test.each(examples)('%s is read as the published library reads it', (name) => {
    const text: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const ours = parseDcqlQuery(text)
    const theirs = Oracle.parse(structuredClone(text) as never)
    Oracle.validate(theirs)
    expect(ours.credentials.map(({ id, format }) => [id, format])).toEqual(
      theirs.credentials.map(({ id, format }) => [id, format]),
    )
    expect(ours.credentialSets ?? []).toEqual(
      (theirs.credential_sets ?? []).map(({ options, required }) => ({ options, required })),
    )
  })

  test.each(examples)('%s is answered by who has what it asks for, and by nobody else', (name) => {
    const query = parseDcqlQuery(JSON.parse(readFileSync(join(folder, name), 'utf8')))
    const held = query.credentials.map(({ claims = [], vctValues }) => ({
      vct: vctValues[0] ?? 'other',
      claims: claims.reduce((all, { path, values }) => merge(all, heldFor(path, values?.[0] ?? 'x')), {}),
    }))
    const isOurs = query.credentials.every(({ format }) => format === 'dc+sd-jwt')
    const found = selectCredentials(query, held as never)
    expect(found.ok).toBe(isOurs)
    expect(selectCredentials(query, []).ok).toBe(false)
    if (!found.ok) return
    const presented = new Map(
      found.chosen.map((id) => [
        id,
        (found.matches[id] ?? []).slice(0, 1).map(({ credential }) => credential),
      ]),
    )
    expect(checkPresentations(query, presented)).toEqual([])
  })
})

function merge(left: object, right: object): object {
  const merged: Record<string, unknown> = { ...left }
  for (const [name, value] of Object.entries(right)) {
    const present = merged[name]
    merged[name] =
      typeof present === 'object' && present && typeof value === 'object'
        ? merge(present, value as object)
        : value
  }
  return merged
}
