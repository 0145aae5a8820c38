import type { JsonObject } from '../control/actions.ts'
import { rowsOf } from '../cli/command-kit.ts'
import { plain } from '../cli/output.ts'
import { isJsonObject } from '../control/lines.ts'
import type { RunningCommand } from './party.ts'
import type { Stage } from './stage.ts'

const UNLOCK = ['unlock', '--foreground'] as const
/** The passphrase file of the story. */
export const passphrase = (root: string): readonly string[] => ['--passphrase-file', `${root}/passphrase`]

/** A person makes a vault on a laptop and imports what the bank gave her. */
export async function importStatements({ cast, teller, statements, root, enter }: Stage): Promise<void> {
  teller.chapter('Ana makes a vault on her laptop and imports her bank statements')
  const { laptop } = cast
  await laptop.run('create', '--name', 'Laptop', ...passphrase(root))
  await enter('laptop', ...UNLOCK, ...passphrase(root))
  const report = await laptop.run('import', ...statements)
  let imported = 0
  for (const { path, format, imported: count, total } of rowsOf(report, 'files')) {
    imported += Number(count)
    teller.say(
      `${plain(path).split('/').at(-1)}: ${plain(format)}, ${plain(count)} lines, ${JSON.stringify(total)}`,
    )
  }
  teller.check(imported > 0, `${imported} records are in the vault, each with where it came from`)
  const again = await laptop.run('import', ...statements)
  const isNothingNew = rowsOf(again, 'files').every(({ imported: count }) => count === 0)
  teller.check(isNothingNew, 'the same files a second time bring nothing in')
}

/** A phone joins by a short code; both screens show the same words. */
export async function phoneJoins({ cast, teller, root, enter }: Stage): Promise<void> {
  teller.chapter('Her phone joins by a code that she types')
  const { laptop, phone } = cast
  const inviting = laptop.start('invite')
  const invitation = await inviting.line(({ event }) => event === 'invitation')
  const address = Array.isArray(invitation['addresses']) ? plain(invitation['addresses'][0]) : ''
  const code = plain(invitation['code'])
  const slip = swapLetters(code)
  const mistyped = await phone.refuse('join', slip, '--at', address, '--name', 'Phone', ...passphrase(root))
  teller.check(
    codeOf(mistyped) === 'ERR_INVITATION_MISTYPED',
    `the slip ${slip} is caught on the phone, and the code stays good`,
  )
  const joining = phone.start('join', code, '--at', address, '--name', 'Phone', ...passphrase(root))
  const [onLaptop, onPhone] = await Promise.all([wordsOf(inviting), wordsOf(joining)])
  teller.check(onLaptop === onPhone && onLaptop !== '', `both screens show the same words: ${onLaptop}`)
  inviting.answer('yes')
  joining.answer('yes')
  const [invited, joined] = await Promise.all([inviting.ended(), joining.ended()])
  teller.check(invited.code === 0 && joined.code === 0, 'the phone is a device of the vault')
  await enter('phone', ...UNLOCK, ...passphrase(root))
  const [here, there] = [await laptop.run('status'), await phone.run('status')]
  teller.check(
    here['records'] === there['records'],
    `all ${plain(there['records'])} records have arrived on the phone`,
  )
}

/** Both go offline, both edit. */
export async function addressedOffline(stage: Stage): Promise<void> {
  const { cast, teller, root, open } = stage
  teller.chapter('Both go offline, and both edit')
  for (const name of ['laptop', 'phone'] as const) {
    await cast[name].run('lock')
    await open.get(name)?.ended()
    open.delete(name)
  }
  const [laptop, phone] = [cast.laptop, cast.phone]
  const records = rowsOf(await laptop.run('records', '--limit', '2', ...passphrase(root)), 'records')
  const [first = '', second = ''] = records.map(({ id }) => plain(id))
  await laptop.run('edit', first, 'label=holidays', ...passphrase(root))
  await phone.run('edit', first, 'shared-with=Paul', ...passphrase(root))
  await laptop.run('edit', second, 'label=rent', ...passphrase(root))
  await phone.run('edit', second, 'label=housing', ...passphrase(root))
  teller.say('laptop: label=holidays on one record, label=rent on another')
  teller.say('phone:  shared-with=Paul on the first, label=housing on the other')
}

/** Both come back and agree; what they disagree about is shown. */
export async function bothAgree({ cast, teller, root, enter }: Stage): Promise<void> {
  teller.chapter('Both come back')
  await Promise.all([
    enter('laptop', ...UNLOCK, ...passphrase(root)),
    enter('phone', ...UNLOCK, ...passphrase(root)),
  ])
  await Promise.all([cast.laptop.run('sync'), cast.phone.run('sync')])
  const seen = await Promise.all(
    [cast.laptop, cast.phone].map((device) => device.run('records', '--limit', '2')),
  )
  const [onLaptop, onPhone] = seen.map((records) =>
    JSON.stringify(rowsOf(records, 'records').map(({ fields }) => fields)),
  )
  teller.check(onLaptop === onPhone, 'both show the same')
  const merged = rowsOf(seen[0] ?? {}, 'records')[0]
  const fields = merged?.['fields']
  const isMerged =
    JSON.stringify(fields).includes('"label":"holidays"') &&
    JSON.stringify(fields).includes('"shared-with":"Paul"')
  teller.check(isMerged, 'edits of different fields have merged')
  const conflicts = rowsOf(await cast.phone.run('conflicts'), 'conflicts')
  const values = JSON.stringify(conflicts[0]?.['values'])
  teller.check(
    conflicts.length === 1 && values.includes('rent') && values.includes('housing'),
    'the same field changed on both is shown as a conflict, with both values',
  )
  await cast.phone.run('settle', plain(conflicts[0]?.['id']), 'label', 'rent')
  await cast.laptop.run('sync')
  teller.check(rowsOf(await cast.phone.run('conflicts'), 'conflicts').length === 0, 'Ana settles it: rent')
}

/** A code with two of its letters changed places, as people mistype. */
function swapLetters(code: string): string {
  const letters = [...code]
  const at = letters.findIndex(
    (letter, index) =>
      /\w/u.test(letter) && /\w/u.test(letters[index + 1] ?? '') && letter !== letters[index + 1],
  )
  return [...letters.slice(0, at), letters[at + 1], letters[at], ...letters.slice(at + 2)].join('')
}

/** The stable code of an error that a command printed. */
export function codeOf(answer: JsonObject): string {
  const { error } = answer
  return isJsonObject(error) ? plain(error['code']) : ''
}

async function wordsOf(command: RunningCommand): Promise<string> {
  const { words } = await command.line(({ ask }) => ask === 'confirm-words')
  return Array.isArray(words) ? words.join(' ') : ''
}
