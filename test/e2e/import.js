import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPlace } from './support/people.js'
import { camt, LINES, ofx } from './support/statements.js'

const FOUR = { imported: 4, duplicates: 0, skipped: [], unknown: [], total: { EUR: '-1234.56' } }

/** Reads files without any vault and gives how that ended, and the one object it ends with. */
async function dryRun({ run, root }, ...files) {
  const told = await run(['import', ...files, '--dry-run', '--json', '--folder', join(root, 'no-vault')])
  assert.is(told.errors, '')
  assert.is(told.signal, null)
  assert.equal(Object.keys(told.answer), ['files'])
  assert.is(told.answer.files.length, files.length)
  return { ...told, reports: told.answer.files }
}

suite(
  'someone sees what a bank statement would bring in before they have a vault',
  inPlace(async (place) => {
    const files = [await place.file('march.ofx', ofx(LINES)), await place.file('march.xml', camt(LINES))]
    for (const [index, format] of ['ofx', 'camt.053'].entries()) {
      const { code, reports, output } = await dryRun(place, files[index])
      assert.is(code, 0)
      assert.equal(reports[0], { path: files[index], format, ...FOUR })
      assert.is(output.trim().split('\n').length, 1)
    }
    const twice = await dryRun(place, files[0], files[0])
    assert.equal(
      twice.reports.map(({ imported, duplicates }) => [imported, duplicates]),
      [
        [4, 0],
        [0, 4],
      ],
    )
  }),
)

suite(
  'a statement under a wrong name is read as what it is',
  inPlace(async (place) => {
    const files = [
      await place.file('really-camt.ofx', camt(LINES)),
      await place.file('really-ofx.xml', ofx(LINES)),
    ]
    const { code, reports } = await dryRun(place, ...files)
    assert.is(code, 0)
    assert.equal(
      reports.map(({ format }) => format),
      ['camt.053', 'ofx'],
    )
    assert.is(reports[0].imported, 4)
  }),
)

suite(
  'amounts with a decimal comma count exactly, and letters of Latin-1 arrive as they were written',
  inPlace(async (place) => {
    const comma = ofx(LINES).replaceAll(/<TRNAMT>(-?\d+)\.(\d+)/gu, '<TRNAMT>$1,$2')
    assert.match(comma, '<TRNAMT>-45,90')
    const latin = Buffer.from(ofx(LINES, { encoding: 'USASCII', charset: '1252' }), 'latin1')
    const files = [await place.file('comma.ofx', comma), await place.file('latin.ofx', latin)]
    const { code, reports } = await dryRun(place, ...files)
    assert.is(code, 0)
    assert.equal(reports[0].total, FOUR.total)
    assert.equal(reports[1].total, FOUR.total)
    const ana = place.person('ana')
    await ana.does('create', '--key-file')
    await ana.does('import', files[1])
    assert.is((await ana.does('search', 'Café')).records[0].title, 'Café des Fleurs')
  }),
)

const LAUGHS = `<!DOCTYPE Document [<!ENTITY a "ha">${Array.from(
  { length: 30 },
  (_, n) => `<!ENTITY ${String.fromCodePoint(98 + (n % 24))}${n} "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`,
).join('')}]>`
const OUTSIDE = '<!DOCTYPE Document [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

suite(
  'each bad file is refused with its code inside the report, exit code 1, and the good one beside it is read',
  inPlace(async (place) => {
    const { file, root } = place
    const huge = join(root, 'huge.ofx')
    const sparse = await open(huge, 'w')
    await sparse.truncate(2 * 1024 ** 3)
    await sparse.close()
    const bad = [
      [huge, 'ERR_TOO_LARGE'],
      [await file('laughs.xml', camt(LINES).replace('<Document', `${LAUGHS}<Document`)), 'ERR_MALFORMED'],
      [await file('outside.xml', camt(LINES).replace('<Document', `${OUTSIDE}<Document`)), 'ERR_MALFORMED'],
      [
        await file('deep.xml', camt(LINES).replace('<Stmt>', `<Stmt>${'<a>'.repeat(100_000)}`)),
        'ERR_TOO_LARGE',
      ],
      [await file('empty.ofx', ''), 'ERR_UNSUPPORTED'],
      [
        await file('noise.ofx', Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * n + n) % 251))),
        'ERR_UNSUPPORTED',
      ],
      [join(root, 'nowhere.ofx'), 'ERR_NOT_FOUND'],
      [root, 'ERR_UNSUPPORTED'],
      ['/dev/zero', 'ERR_UNSUPPORTED'],
    ]
    const good = await file('good.ofx', ofx(LINES))
    const { code, reports } = await dryRun(place, ...bad.map(([path]) => path), good)
    assert.is(code, 1)
    assert.equal(
      reports.map(({ path, code: why }) => [path, why]),
      [...bad, [good, undefined]],
    )
    for (const { error, imported, total } of reports.slice(0, -1)) {
      assert.match(error, /^[^\n]{8,200}$/u)
      assert.is(imported, 0)
      assert.equal(total, {})
    }
    assert.is(reports.at(-1).imported, 4)
  }),
)

suite(
  'of a statement that breaks off the whole lines are taken, and the person is told where the rest is missing',
  inPlace(async (place) => {
    const { person, file } = place
    const [xml, sgml] = [camt(LINES), ofx(LINES)]
    const cut = [
      await file('cut.xml', xml.slice(0, xml.indexOf('Refund'))),
      await file('cut.ofx', sgml.slice(0, sgml.indexOf('Refund'))),
    ]
    const { code, reports } = await dryRun(place, ...cut)
    assert.is(code, 0)
    for (const { imported, skipped, total } of reports) {
      assert.is(imported, 2)
      assert.equal(total, { EUR: '-1245.90' })
      assert.match(skipped[0].where, /^transaction 3, line \d+$/u)
      assert.match(skipped[0].reason, 'the file ends in the middle')
    }
    const ana = person('ana')
    await ana.does('create', '--key-file')
    const [first] = (await ana.does('import', cut[0])).files
    assert.is(first.imported, 2)
    const [second] = (await ana.does('import', await file('whole.xml', xml))).files
    assert.equal([second.imported, second.duplicates], [2, 2])
    await ana.does('undo-import', second.importId)
    assert.is((await ana.does('status')).records, 2)
    const erased = await ana.does('erase', '--import', second.importId)
    assert.equal([erased.records, erased.waitsFor], [2, []])
    await ana.does('erase', '--import', first.importId)
    assert.is((await ana.does('status')).records, 0)
    assert.equal((await ana.does('imports')).imports, [])
  }),
)

suite.run()
