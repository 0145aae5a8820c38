import { DcqlPresentationResult, DcqlQuery as Oracle } from 'dcql'
import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/jose/json.ts'
import { checkPresentations } from '../../src/query/check-presentations.ts'
import { parseDcqlQuery } from '../../src/query/dcql-query.ts'
import { placesOf } from '../../src/query/select-claims.ts'
import { selectCredentials } from '../../src/query/select-credentials.ts'

const ADDRESS = 'https://council.example/address'
const address = {
  vct: ADDRESS,
  claims: {
    name: 'Alice',
    address: { town: 'Leeds', postcode: 'LS1 1UR', street: '1 Park Row' },
    nationalities: ['GB', 'FR'],
    degrees: [{ type: 'BSc', year: 2001 }, { type: 'MSc' }],
    over_18: true,
  },
}

function ask(claims?: unknown, more: object = {}) {
  return parseDcqlQuery({
    credentials: [
      {
        id: 'a',
        format: 'dc+sd-jwt',
        meta: { vct_values: [ADDRESS] },
        ...(claims ? { claims } : {}),
        ...more,
      },
    ],
  })
}

function disclosed(query: ReturnType<typeof ask>, held: readonly (typeof address)[] = [address]) {
  const selection = selectCredentials(query, held)
  return selection.ok ? selection.matches['a']?.[0]?.disclose : selection.problems.map(({ code }) => code)
}

describe('a query', () => {
  test.each([
    null,
    [],
    {},
    { credentials: [] },
    { credentials: [{ id: 'a b', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } }] },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt' }] },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: {} }] },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: [] } }] },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] }, claims: [] }] },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] }, claims: [{ path: [] }] }] },
    {
      credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] }, claims: [{ path: [-1] }] }],
    },
    {
      credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] }, claims: [{ path: [1.5] }] }],
    },
    {
      credentials: [
        {
          id: 'a',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['x'] },
          claims: [{ path: ['x'], values: [{}] }],
        },
      ],
    },
    { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] }, claim_sets: [['x']] }] },
    {
      credentials: [
        {
          id: 'a',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['x'] },
          claims: [{ path: ['x'] }],
          claim_sets: [['x']],
        },
      ],
    },
    {
      credentials: [
        {
          id: 'a',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['x'] },
          claims: [{ id: 'c', path: ['x'] }],
          claim_sets: [['d']],
        },
      ],
    },
    {
      credentials: [
        {
          id: 'a',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['x'] },
          claims: [
            { id: 'c', path: ['x'] },
            { id: 'c', path: ['y'] },
          ],
        },
      ],
    },
    {
      credentials: [
        { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } },
        { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } },
      ],
    },
    {
      credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } }],
      credential_sets: [{ options: [['b']] }],
    },
    {
      credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } }],
      credential_sets: [{ options: [] }],
    },
  ])('of another shape is refused: %j', (value) => {
    expect(() => parseDcqlQuery(value)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
  })

  test('for town and postcode discloses town and postcode, not the street', () => {
    const query = ask([{ path: ['address', 'town'] }, { path: ['address', 'postcode'] }])
    expect(disclosed(query)).toEqual([
      ['address', 'town'],
      ['address', 'postcode'],
    ])
  })

  test('without claims discloses nothing that can be withheld', () => {
    expect(disclosed(ask())).toEqual([])
  })

  test('points into arrays by number, or at every element', () => {
    expect(disclosed(ask([{ path: ['nationalities', 1] }]))).toEqual([['nationalities', 1]])
    expect(disclosed(ask([{ path: ['degrees', null, 'year'] }]))).toEqual([['degrees', 0, 'year']])
    expect(disclosed(ask([{ path: ['nationalities', 2] }]))).toEqual(['no_matching_credential'])
    expect(disclosed(ask([{ path: ['nationalities', 'GB'] }]))).toEqual(['no_matching_credential'])
    expect(disclosed(ask([{ path: ['address', null] }]))).toEqual(['no_matching_credential'])
    expect(disclosed(ask([{ path: ['address', 'toString'] }]))).toEqual(['no_matching_credential'])
  })

  test('for values discloses only what has one of them, of the same type', () => {
    expect(disclosed(ask([{ path: ['nationalities', null], values: ['FR', 'DE'] }]))).toEqual([
      ['nationalities', 1],
    ])
    expect(disclosed(ask([{ path: ['over_18'], values: [true] }]))).toEqual([['over_18']])
    expect(disclosed(ask([{ path: ['over_18'], values: ['true'] }]))).toEqual(['no_matching_credential'])
  })

  test('with alternatives discloses the first that can be met, and each claim once', () => {
    const claims = [
      { id: 'x', path: ['birthdate'] },
      { id: 'o', path: ['over_18'] },
      { id: 'n', path: ['name'] },
      { id: 'm', path: ['name'] },
    ]
    expect(disclosed(ask(claims, { claim_sets: [['x'], ['o', 'n', 'm'], ['n']] }))).toEqual([
      ['over_18'],
      ['name'],
    ])
    expect(disclosed(ask(claims, { claim_sets: [['x']] }))).toEqual(['no_matching_credential'])
  })

  test('for another type or another format finds nothing, and says why', () => {
    expect(disclosed(ask(undefined, { meta: { vct_values: ['other'] } }))).toEqual(['no_matching_credential'])
    expect(disclosed(ask(undefined, { format: 'mso_mdoc' }))).toEqual([
      'no_matching_credential',
      'format_unsupported',
    ])
  })

  test('that names trusted authorities is answered with a note that they were not looked at', () => {
    const query = ask(undefined, { trusted_authorities: [{ type: 'aki', values: ['AAAA'] }] })
    expect(selectCredentials(query, [address])).toMatchObject({
      ok: true,
      notes: [{ code: 'trusted_authorities_ignored' }],
    })
  })

  test('with sets takes the first option of each required set, and leaves optional ones to the person', () => {
    const one = (id: string, vct: string) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: [vct] } })
    const query = parseDcqlQuery({
      credentials: [one('p', 'passport'), one('a', ADDRESS), one('b', ADDRESS), one('c', 'card')],
      credential_sets: [{ options: [['p'], ['a', 'b'], ['a']] }, { required: false, options: [['c']] }],
    })
    expect(selectCredentials(query, [address])).toMatchObject({
      ok: true,
      chosen: ['a', 'b'],
      sets: [
        { required: true, options: [['a', 'b'], ['a']] },
        { required: false, options: [] },
      ],
    })
    expect(selectCredentials(query, [])).toMatchObject({
      ok: false,
      problems: [{ code: 'no_matching_credential' }],
    })
  })
})

describe('what was presented', () => {
  const query = ask([{ path: ['address', 'town'] }])
  const town = { vct: ADDRESS, claims: { address: { town: 'Leeds' } } }
  const codes = (presented: [string, (typeof town)[]][], asked = query) =>
    checkPresentations(asked, new Map(presented)).map(({ code }) => code)

  test('answers the query, or every reason is named', () => {
    expect(codes([['a', [town]]])).toEqual([])
    expect(codes([])).toEqual(['presentation_missing'])
    expect(codes([['a', []]])).toEqual(['presentation_count'])
    expect(codes([['a', [town, town]]])).toEqual(['presentation_count'])
    expect(codes([['a', [town, town]]], ask([{ path: ['address', 'town'] }], { multiple: true }))).toEqual([])
    expect(codes([['a', [{ ...town, vct: 'other' }]]])).toEqual(['presentation_claims'])
    expect(codes([['a', [{ ...town, claims: { address: { town: undefined as never } } }]]])).toEqual([
      'presentation_claims',
    ])
    expect(codes([['z', [town]]])).toEqual(['presentation_unasked', 'presentation_missing'])
  })
})

describe('the published library', () => {
  // Arrays are not empty and of one kind: at `null` it finds a claim in an empty array, and passes over an element of the
  // wrong kind, where section 7.1 selects nothing and gives up.
  const name = fc.constantFrom('name', 'address', 'town', 'list', 'deep')
  const leaf = fc.constantFrom('Leeds', 'GB', 7, 0, true, false)
  const { object } = fc.letrec<{ object: JsonObject; value: JsonObject[string] }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(leaf, { minLength: 1, maxLength: 3 }),
      fc.array(fc.array(leaf, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
      fc.array(tie('object'), { minLength: 1, maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  }))
  const path = fc
    .tuple(name, fc.array(fc.oneof(name, fc.constantFrom(0, 1, null)), { maxLength: 2 }))
    .map(([first, rest]) => [first as string | number | null].concat(rest))
  const claim = fc.record(
    { path, values: fc.array(leaf, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ['path'] },
  )
  const credential = (id: string) =>
    fc
      .record({
        claims: fc.array(claim, { minLength: 1, maxLength: 3 }),
        sets: fc.boolean(),
        vct: fc.constantFrom('v1', 'v2'),
      })
      .map(({ claims, sets, vct }) => ({
        id,
        format: 'dc+sd-jwt' as const,
        meta: { vct_values: [vct] },
        claims: claims.map((one, number) => Object.assign(one, { id: `c${number}` })),
        claim_sets: sets ? [claims.map((_one, number) => `c${number}`), ['c0']] : undefined,
      }))
  const query = fc
    .record({
      a: credential('a'),
      b: credential('b'),
      sets: fc.constantFrom(undefined, [['a', 'b'], ['b']], [['a'], ['b']]),
      required: fc.boolean(),
    })
    .map(({ a, b, sets, required }) => ({
      credentials: [a, b],
      credential_sets: sets && [{ options: sets, required }],
    }))
  const held = fc.array(fc.record({ vct: fc.constantFrom('v1', 'v2'), claims: object }), { maxLength: 3 })
  const forOracle = (credential: { vct: string; claims: JsonObject }) => ({
    credential_format: 'dc+sd-jwt' as const,
    cryptographic_holder_binding: true,
    ...structuredClone(credential),
  })

  test('agrees on what can be answered, and by which credentials', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(query, held, (asked, credentials) => {
          const theirs = Oracle.query(
            Oracle.parse(structuredClone(asked) as never),
            credentials.map(forOracle) as never,
          )
          const ours = selectCredentials(parseDcqlQuery(asked), credentials)
          expect(ours.ok).toBe(theirs.can_be_satisfied)
          for (const { id } of asked.credentials) {
            const found = new Map(Object.entries(theirs.credential_matches)).get(id)
            const expected = found?.success
              ? found.valid_credentials.map(({ input_credential_index: index }) => index)
              : []
            const matches = ours.ok
              ? (ours.matches[id] ?? []).map((match) => credentials.indexOf(match.credential))
              : expected
            expect(matches).toEqual(expected)
          }
        }),
        { numRuns: 500, seed },
      ),
    )
  })

  test('accepts what we would disclose, and refuses what we refuse', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(query, held, (asked, credentials) => {
          const parsed = parseDcqlQuery(asked)
          const presented = new Map(
            asked.credentials.flatMap(({ id }, number) =>
              credentials[number] ? [[id, [credentials[number]]] as const] : [],
            ),
          )
          const problems = checkPresentations(parsed, presented)
          let agrees: boolean
          try {
            const record = Object.fromEntries([...presented].map(([id, list]) => [id, list.map(forOracle)]))
            const result = DcqlPresentationResult.fromDcqlPresentation(record as never, {
              dcqlQuery: Oracle.parse(structuredClone(asked) as never),
            })
            agrees = result.can_be_satisfied && !('invalid_matches' in result)
          } catch {
            agrees = false
          }
          expect(problems.length === 0).toBe(agrees)
        }),
        { numRuns: 300, seed },
      ),
    )
  })
})

test('an element of an array that was shown alone answers the query for it by number', () => {
  const query = ask([{ path: ['nationalities', 1], values: ['FR'] }])
  const shown = new Map([['a', [{ vct: ADDRESS, claims: { nationalities: ['FR'] } }]]])
  expect(checkPresentations(query, shown)).toEqual([])
  shown.set('a', [{ vct: ADDRESS, claims: { nationalities: ['GB'] } }])
  expect(checkPresentations(query, shown)).toMatchObject([{ code: 'presentation_claims' }])
})

test('a path into arrays of arrays cannot multiply without end', () => {
  const row = Array.from({ length: 60 }, () => 1)
  const claims = { t: Array.from({ length: 60 }, () => row) }
  expect(placesOf(claims, { path: ['t', null, null] })).toBeUndefined()
  expect(placesOf(claims, { path: ['t', 3, null] })).toHaveLength(60)
})
