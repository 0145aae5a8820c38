import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canary, filesOf, found, tappedWire } from './support/canaries.js'
import { invites, joins } from './support/devices.js'
import { ADDRESS, startsAs } from './support/organisations.js'
import { inPlace, PASSPHRASE } from './support/people.js'
import { ofx } from './support/statements.js'

const NOTES = 16
const PAYMENTS = 24

/** Everything that a person would not want found, planted where a person has it. */
function planted() {
  const words = (count) => Array.from({ length: count }, canary)
  return {
    titles: words(NOTES),
    values: words(NOTES),
    payees: words(PAYMENTS),
    file: canary(),
    address: words(4),
  }
}

/** A council certifies an address made of canaries. */
async function certifies(place, council, someone, [given, family, street, locality]) {
  const address = { ...ADDRESS.address, street_address: street, locality }
  const claims = { ...ADDRESS, given_name: given, family_name: family, address }
  const { link } = await council.does(
    'issuer',
    'offer',
    'proof-of-address',
    '--claims',
    await place.file('claims.json', claims),
  )
  return someone.does('receive', link)
}

/** Ana writes notes, imports a statement, and gets a credential. */
async function livesHerLife(place, laptop, { titles, values, payees, file, address }) {
  for (const [index, title] of titles.entries()) await laptop.does('note', title, `secret=${values[index]}`)
  const lines = payees.map((title, index) => ({ id: `p${index}`, day: '2026-03-02', amount: '-1.00', title }))
  await laptop.does('import', await place.file(`${file}.ofx`, ofx(lines)))
  const council = place.person('council')
  const { command } = await startsAs('issuer', council)
  await certifies(place, council, laptop, address)
  await command.kill()
}

suite(
  'on a locked laptop, on the wire between two devices, and in a replica nothing that Ana has can be found',
  inPlace(async (place) => {
    const [laptop, phone] = [place.person('laptop'), place.person('phone')]
    const secrets = planted()
    const withPassphrase = ['--passphrase-file', place.passphraseFile]
    await laptop.does('create', '--name', canary(), ...withPassphrase)
    const owner = await laptop.opens('unlock', '--foreground', ...withPassphrase)
    const replica = join(place.root, 'replica')
    await mkdir(replica)
    await laptop.does('replica', 'add', 'folder', replica)
    await livesHerLife(place, laptop, secrets)
    const invitation = await invites(laptop)
    const wire = await tappedWire(invitation.at)
    await joins(phone, { ...invitation, at: wire.address }, canary())
    await laptop.does('replica', 'push')
    const { devices } = await laptop.does('device', 'list')
    await laptop.does('lock')
    // Locking ends the process that held the keys: there is none left whose memory could be read.
    assert.is((await owner.ended()).code, 0)
    wire.cut()

    const { file, ...others } = secrets
    const texts = [
      ...Object.values(others).flat(),
      file,
      PASSPHRASE,
      ...devices.flatMap(({ id, name }) => [id, name]),
    ]
    assert.ok(texts.length >= 64)
    assert.equal(found(texts, wire.heard()), [], 'on the wire')
    assert.ok(wire.heard().length > 20_000, 'the phone did fetch the vault by this wire')
    for (const folder of [laptop.folder, phone.folder, replica]) {
      const files = await filesOf(folder)
      assert.ok(files.length > 0)
      for (const { path, bytes } of files) assert.equal(found(texts, bytes), [], path)
    }
    const opened = await phone.does('search', secrets.titles[0])
    assert.is(opened.records[0].title, secrets.titles[0], 'and yet it is all there')
  }),
)

suite('the search finds what is planted in any of its forms', () => {
  const text = canary()
  const utf16 = Buffer.from(`x${text}y`, 'utf16le')
  for (const bytes of [
    Buffer.from(`before ${text} after`),
    utf16,
    Buffer.from(utf16).swap16(),
    Buffer.from(Buffer.from(text).toString('hex')),
    ...[0, 1, 2].map((before) =>
      Buffer.from(Buffer.from(`${'x'.repeat(before)}${text}yz`).toString('base64')),
    ),
  ]) {
    assert.equal(found([text, canary()], bytes), [text])
  }
})

suite.run()
