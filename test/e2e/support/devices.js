import * as assert from 'uvu/assert'

/** Opens an invitation on a device that is online: the command that waits, and what it shows. */
export async function invites(device) {
  const command = device.start('invite')
  const shown = await command.line(({ event }) => event === 'invitation')
  return { command, ...shown, at: shown.addresses[0] }
}

/** A device joins by the code, and both people say yes to the same words. */
export async function joins(device, invitation, name = 'Phone') {
  const { command, code, at } = invitation
  const joining = device.start('join', code, '--at', at, '--name', name, '--key-file')
  const isQuestion = ({ ask }) => ask === 'confirm-words'
  const [here, there] = await Promise.all([command.line(isQuestion), joining.line(isQuestion)])
  assert.equal(here.words, there.words)
  command.answer('yes')
  joining.answer('yes')
  const [invited, joined] = await Promise.all([command.ended(), joining.ended()])
  assert.is(invited.code, 0)
  assert.is(joined.code, 0, JSON.stringify(joined.answer))
  return joined.answer
}

/** A laptop with a vault, online, and a phone that has joined it. */
export async function pair(laptop, phone) {
  await laptop.does('create', '--key-file', '--name', 'Laptop')
  const owner = await laptop.opens()
  await joins(phone, await invites(laptop))
  return owner
}
