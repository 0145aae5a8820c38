import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { invites, joins } from './support/devices.js'
import { inPlace, within } from './support/people.js'

const titlesOf = async (someone) => (await someone.does('records')).records.map(({ title }) => title)

/** Asks again after each sync until it is so. */
async function comesTrue(what, isSo) {
  await within(
    (async () => {
      while (!(await isSo()));
    })(),
    what,
  )
}

suite(
  'a phone that is removed gets nothing written later, is told so, and what it writes then counts nowhere',
  inPlace(async ({ person }) => {
    const [laptop, phone, tablet] = [person('laptop'), person('phone'), person('tablet')]
    await laptop.does('create', '--key-file', '--name', 'Laptop')
    await laptop.opens()
    await joins(phone, await invites(laptop), 'Phone')
    await joins(tablet, await invites(laptop), 'Tablet')
    await phone.does('note', 'from the phone, in time')
    await phone.does('sync')
    await comesTrue('the laptop has the note', async () => (await titlesOf(laptop)).length === 1)

    const { devices, removed } = await laptop.does('device', 'remove', 'Phone')
    assert.equal(
      devices.map(({ name }) => name),
      ['Laptop', 'Tablet'],
    )
    assert.equal(
      removed.map(({ name, removedBy }) => [name, removedBy]),
      [['Phone', 'Laptop']],
    )
    await laptop.does('note', 'not for the phone')

    // The phone has not heard: it writes, offline. Then it meets the laptop.
    await phone.does('note', 'from the phone, too late')
    const owner = await phone.opens()
    await comesTrue('the phone is told', async () =>
      (await phone.does('status')).devices.some(({ name, saysRemoved }) => name === 'Laptop' && saysRemoved),
    )
    await owner.kill()
    assert.equal((await titlesOf(phone)).toSorted(), ['from the phone, in time', 'from the phone, too late'])

    await tablet.does('sync')
    assert.equal((await titlesOf(tablet)).toSorted(), ['from the phone, in time', 'not for the phone'])
    assert.equal((await titlesOf(laptop)).toSorted(), ['from the phone, in time', 'not for the phone'])
    const { removed: seen } = await tablet.does('device', 'list')
    assert.equal(
      seen.map(({ name }) => name),
      ['Phone'],
    )
  }),
)

suite(
  'a device is renamed everywhere, the last one cannot be removed, and a removed machine joins again as a new one',
  inPlace(async ({ person }) => {
    const [laptop, phone, again] = [person('laptop'), person('phone'), person('again')]
    await laptop.does('create', '--key-file', '--name', 'Laptop')
    const last = await laptop.run('device', 'remove', 'Laptop')
    assert.is(last.code, 1)
    assert.is(last.answer.error.code, 'ERR_LAST_DEVICE')
    await laptop.opens()
    await joins(phone, await invites(laptop), 'Phone')
    await laptop.does('device', 'rename', 'Phone', 'Old phone')
    await phone.does('sync')
    assert.equal(
      (await phone.does('device', 'list')).devices.map(({ name }) => name),
      ['Laptop', 'Old phone'],
    )
    const nobody = await laptop.run('device', 'remove', 'Phone')
    assert.is(nobody.answer.error.code, 'ERR_NOT_FOUND')
    await laptop.does('device', 'remove', 'Old phone')
    await laptop.does('note', 'after')
    assert.is((await joins(again, await invites(laptop), 'Phone')).records, 1)
    await laptop.does('device', 'rotate')
    await laptop.does('note', 'with new keys')
    await again.does('sync')
    assert.is((await again.does('status')).records, 2)
  }),
)

suite.run()
