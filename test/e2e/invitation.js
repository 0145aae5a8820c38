import { existsSync } from 'node:fs'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { invites, joins } from './support/devices.js'
import { inPlace, otherClock } from './support/people.js'

const MINUTE = 60_000

/** A code with one letter exchanged for its neighbour. */
function slip(code) {
  const [first] = code
  return (first === '7' ? '8' : '7') + code.slice(1)
}

suite(
  'a slip in the code is caught on the phone, the code stays good, and used once it is worth nothing',
  inPlace(async ({ person }) => {
    const [laptop, phone, mallory] = [person('laptop'), person('phone'), person('mallory')]
    await laptop.does('create', '--key-file')
    await laptop.does('note', 'Written before')
    await laptop.opens()
    const invitation = await invites(laptop)
    const { code, at, link } = invitation
    const slipped = await phone.run('join', slip(code), '--at', at, '--key-file')
    assert.is(slipped.code, 1)
    assert.is(slipped.answer.error.code, 'ERR_INVITATION_MISTYPED')
    const cut = await phone.run('join', link.slice(0, link.indexOf('s=') + 8), '--key-file')
    assert.is(cut.answer.error.code, 'ERR_INVITATION_MISTYPED')
    assert.not.ok(existsSync(phone.folder))
    assert.is((await joins(phone, invitation)).records, 1)
    for (const words of [[code, '--at', at], [link]]) {
      const again = await mallory.run('join', ...words, '--key-file')
      assert.is(again.code, 1, JSON.stringify(again.answer))
      assert.is(again.answer.error.code, 'ERR_INVITATION_USED')
    }
    assert.not.ok(existsSync(mallory.folder))
    assert.is((await laptop.does('device', 'list')).devices.length, 2)
  }),
)

suite(
  'a guess burns the code: the laptop shows a new one, and only the new one is good',
  inPlace(async ({ person }) => {
    const [laptop, phone, mallory] = [person('laptop'), person('phone'), person('mallory')]
    await laptop.does('create', '--key-file')
    await laptop.opens()
    const first = await invites(laptop)
    const other = await invitesElsewhere(person)
    const guess = await mallory.run('join', other, '--at', first.at, '--key-file')
    assert.is(guess.code, 1)
    assert.is(guess.answer.error.code, 'ERR_WRONG_CODE')
    const second = await first.command.line(
      ({ event, code }) => event === 'invitation' && code !== first.code,
    )
    const burnt = await mallory.run('join', first.code, '--at', first.at, '--key-file')
    assert.is(burnt.code, 1)
    const third = await first.command.line(
      ({ event, code }) => event === 'invitation' && code !== first.code && code !== second.code,
    )
    await joins(phone, { ...third, command: first.command, at: first.at })
    assert.is((await laptop.does('device', 'list')).devices.length, 2)
  }),
)

/** A well-formed code that another laptop shows. */
async function invitesElsewhere(person) {
  const other = person('other')
  await other.does('create', '--key-file')
  const owner = await other.opens()
  const { code } = await invites(other)
  await owner.kill()
  return code
}

suite(
  'an invitation ends after ten minutes, also when nobody did anything about it',
  inPlace(async ({ person }) => {
    const laptop = person('laptop', otherClock({ jump: 11 * MINUTE }))
    const phone = person('phone')
    await laptop.does('create', '--key-file')
    const owner = await laptop.opens()
    const { code, at, expiresAt } = await invites(laptop)
    assert.ok(expiresAt <= Date.now() + 10 * MINUTE)
    process.kill(owner.pid, 'SIGUSR2')
    const late = await phone.run('join', code, '--at', at, '--key-file')
    assert.is(late.code, 1)
    assert.is(late.answer.error.code, 'ERR_INVITATION_EXPIRED')
    assert.not.ok(existsSync(phone.folder))
  }),
)

suite(
  'when the words differ for one of the two people, the phone does not join and nothing is made',
  inPlace(async ({ person }) => {
    const [laptop, phone] = [person('laptop'), person('phone')]
    await laptop.does('create', '--key-file')
    await laptop.opens()
    const { command, code, at } = await invites(laptop)
    const joining = phone.start('join', code, '--at', at, '--key-file')
    await Promise.all([command, joining].map((each) => each.line(({ ask }) => ask === 'confirm-words')))
    joining.answer('no')
    command.answer('yes')
    const { code: exit, answer } = await joining.ended()
    assert.is(exit, 1)
    assert.is(answer.error.code, 'ERR_WORDS_DIFFER')
    assert.not.ok(existsSync(phone.folder))
    assert.is((await laptop.does('device', 'list')).devices.length, 1)
  }),
)

suite(
  'where no laptop answers the phone says that it cannot be reached, and nothing is made',
  inPlace(async ({ person }) => {
    const [laptop, phone] = [person('laptop'), person('phone')]
    await laptop.does('create', '--key-file')
    const owner = await laptop.opens()
    const { code, at } = await invites(laptop)
    await owner.kill()
    const { code: exit, answer } = await phone.run('join', code, '--at', at, '--key-file')
    assert.is(exit, 3)
    assert.is(answer.error.code, 'ERR_UNREACHABLE')
    const pathless = await phone.run('join', code, '--at', 'no address', '--key-file')
    assert.is(pathless.code, 2)
    assert.not.ok(existsSync(phone.folder))
  }),
)

suite.run()
