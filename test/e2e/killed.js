import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pair } from './support/devices.js'
import { KILLS, killedDuring, SEED, seededDice, timeOf } from './support/kills.js'
import { inPlace } from './support/people.js'
import { ofx } from './support/statements.js'

const LINES = 4000

/** A statement of a month of its own, so that nothing in it is in another one. */
function statement(month) {
  return ofx(
    Array.from({ length: LINES }, (_, line) => ({
      id: `${month}-${line}`,
      day: '2026-03-02',
      amount: '-1.00',
      title: `Shop ${month} ${line} ${'and more of its name '.repeat(1 + (line % 7))}`,
    })),
  )
}

/** Everything in the vault reads, and it has so many records. */
async function isWhole(person, records, when) {
  const { ok, damagedRows, damage } = await person.does('check')
  assert.is(ok, true, `${when}: ${damagedRows} rows, ${JSON.stringify(damage)}`)
  const status = await person.does('status')
  assert.ok(
    records.includes(status.records),
    `${when}: ${status.records} records, not ${records.join(' or ')}`,
  )
}

suite(
  'who is killed while a statement is imported has all of it or nothing, and all that was there before',
  inPlace(async (place) => {
    const dice = seededDice(SEED)
    const [ana, bob] = [place.person('ana'), place.person('bob')]
    for (const person of [ana, bob]) await person.does('create', '--key-file')
    const time = await timeOf(async () => bob.does('import', await place.file('bob.ofx', statement(0))))
    await ana.does('note', 'Before')
    for (let kill = 0; kill < KILLS; kill++) {
      const before = 1 + kill * LINES
      const file = await place.file(`month-${kill}.ofx`, statement(kill))
      const when = await killedDuring({ start: () => ana.start('import', file), time, dice })
      await isWhole(ana, [before, before + LINES], when)
      const [report] = (await ana.does('import', file)).files
      assert.is(report.imported + report.duplicates, LINES, when)
      await isWhole(ana, [before + LINES], when)
    }
  }),
)

suite(
  'whichever of two devices is killed while they sync, nothing is lost, and the next sync ends it',
  inPlace(async (place) => {
    const dice = seededDice(SEED + 1)
    const [laptop, phone] = [place.person('laptop'), place.person('phone')]
    let owner = await pair(laptop, phone)
    await laptop.does('import', await place.file('first.ofx', statement('first')))
    const time = await timeOf(() => phone.does('sync'))
    for (let kill = 0; kill < KILLS; kill++) {
      const [before, after] = [LINES * (kill + 1), LINES * (kill + 2)]
      await laptop.does('import', await place.file(`month-${kill}.ofx`, statement(kill)))
      const isLaptop = kill % 2 === 1
      const start = () => phone.start('sync')
      const when = await killedDuring({ start, ...(isLaptop && { victim: owner }), time, dice })
      if (isLaptop) owner = await laptop.opens()
      await isWhole(laptop, [after], when)
      await isWhole(phone, [before, after], when)
      await phone.does('sync')
      await isWhole(phone, [after], when)
    }
    await owner.kill()
  }),
)

suite.run()
