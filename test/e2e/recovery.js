import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { invites, joins } from './support/devices.js'
import { KILLS, killedDuring, SEED, seededDice, timeOf } from './support/kills.js'
import { asks, certifies, saysYes, startsAs, townRequest } from './support/organisations.js'
import { inPlace, within } from './support/people.js'
import { ofx } from './support/statements.js'

/** Lines of the statement that a killed restore brings back. */
const LINES = 4000

/** A statement of a year, none of whose lines is another one. */
function year() {
  return ofx(
    Array.from({ length: LINES }, (_, line) => ({
      id: `line-${line}`,
      day: '2026-03-02',
      amount: '-1.00',
      title: `Shop ${line} ${'and more of its name '.repeat(1 + (line % 7))}`,
    })),
  )
}

/** Makes a kit by the command, types the three words that it asks for, and gives all of them. */
async function makesKit(someone) {
  const making = someone.start('kit', 'make')
  const { words, keyId } = await making.line(({ ask }) => ask === 'kit-shown')
  making.answer('yes')
  const { positions } = await making.line(({ ask }) => ask === 'kit-words')
  making.answer(positions.map((position) => words[position - 1]).join(' '))
  const { code, answer } = await making.ended()
  assert.is(code, 0)
  assert.is(answer.rehearsed, true)
  return { words, keyId }
}

/** All that a person sees of their vault, but for what belongs to one device. */
async function everythingOf(someone) {
  const { records } = await someone.does('records')
  const { credentials } = await someone.does('credentials')
  const { conflicts } = await someone.does('conflicts')
  const claims = credentials.map(({ freshCopies: _own, ...credential }) => credential)
  return { records, claims, conflicts, ledger: await someone.does('ledger') }
}

/** Resolves once every replica has everything, by what its owner is told. */
async function untilConfirmed(someone) {
  const isOver = ({ waiting, confirmedAt }) => waiting === 0 && confirmedAt > 0
  const look = async () => {
    for (;;) {
      const { replicas } = await someone.does('replica', 'list')
      if (replicas.length > 0 && replicas.every(isOver)) return
    }
  }
  await within(look(), 'a replica that has everything')
}

/** Somebody with a kit, its words in a file, and a replica in a folder. */
async function preparedIn({ person, root, file }) {
  const ana = person('ana')
  const folder = join(root, 'drive')
  await ana.does('create', '--key-file', '--name', 'Laptop')
  await ana.does('replica', 'add', 'folder', folder)
  const { words, keyId } = await makesKit(ana)
  const typed = words.map((word, index) => `${index + 1} ${word}`).join('\n')
  return { ana, folder, words, keyId, wordsFile: await file('words', typed) }
}

const restoreWords = (folder, wordsFile) =>
  `kit restore --key-file --name Laptop2 --replica folder:${folder} --words-file ${wordsFile}`.split(' ')

suite(
  'Ana loses every device, and has everything back on a bare machine from 24 words and a folder',
  inPlace(async (place) => {
    const { person } = place
    const { ana, folder, keyId, wordsFile } = await preparedIn(place)
    const [council, landlord] = [person('council'), person('landlord')]
    const certifying = await startsAs('issuer', council)
    await startsAs('verifier', landlord)
    const owner = await ana.opens('unlock', '--foreground')
    const { id } = await ana.does('note', 'Flat', 'rent=900')
    const phone = person('phone')
    await joins(phone, await invites(ana))
    await phone.does('edit', id, 'rent=950')
    await phone.does('note', 'From the phone')
    await phone.does('sync')
    await certifies(place, council, ana)
    const { link } = await asks(place, landlord, townRequest([certifying.did]))
    assert.is((await saysYes(ana, link)).code, 0)
    const before = await everythingOf(ana)
    assert.is(before.claims.length, 1)
    assert.is(before.records.find((record) => record.id === id).fields.rent, '950')
    assert.ok(before.records.some(({ title }) => title === 'From the phone'))
    // Nobody told it to upload: it does by itself, after a quiet time.
    await untilConfirmed(ana)
    await owner.kill('SIGKILL')
    for (const lost of [ana, phone]) await rm(lost.folder, { recursive: true })

    const bare = person('bare')
    const restored = await bare.does(...restoreWords(folder, wordsFile), '--key-id', keyId)
    assert.is(restored.why, 'alone')
    assert.equal(restored.removed.toSorted(), ['Laptop', 'Phone'])
    assert.equal(restored.problems, [])
    assert.equal(await everythingOf(bare), before)
    const { credentials } = await bare.does('credentials')
    assert.is(credentials[0].freshCopies, 0)
    const { restored: kept, kit, replicas } = await bare.does('status')
    assert.is(kept.unconfirmedSince, restored.unconfirmedSince)
    assert.is(kit.counts, true)
    assert.is(replicas[0].waiting, 0)
    // She goes on: new copies of the credential are this device's own.
    await certifies(place, council, bare)
    await bare.does('replica', 'push')
    assert.is((await bare.does('replica', 'check', '--deep')).ok, true)
  }),
)

suite(
  'an old copy of the folder says since when it is not confirmed, in the words of the person',
  inPlace(async (place) => {
    const { person, root, run } = place
    const { ana, folder, wordsFile } = await preparedIn(place)
    await ana.does('note', 'Before the copy')
    await ana.does('replica', 'push')
    const old = join(root, 'old')
    await cp(folder, old, { recursive: true })
    const copiedAt = Date.now()
    await ana.does('note', 'After the copy')
    await ana.does('replica', 'push')
    await rm(ana.folder, { recursive: true })
    await rm(folder, { recursive: true })
    const { folder: bare } = person('bare')
    const told = await run([...restoreWords(old, wordsFile), '--folder', bare, '--lang', 'fr'])
    assert.is(told.code, 0)
    assert.match(told.output, 'Non confirmé depuis le')
    const { restored } = await person('bare').does('status')
    assert.ok(restored.unconfirmedSince <= copiedAt)
    assert.is((await person('bare').does('records')).records.length, 1)
  }),
)

suite(
  'words that are mistyped are named, open no other vault, and nothing is made',
  inPlace(async (place) => {
    const { person, root, file } = place
    const { ana, folder, words, keyId } = await preparedIn(place)
    await ana.does('replica', 'push')
    const typed = await file('typed', words.with(6, `${words[6].slice(0, 3)}qq`).join(' '))
    const wrong = await person('bare').run(...restoreWords(folder, typed))
    assert.is(wrong.code, 1)
    assert.is(wrong.answer.problems[0].position, 7)
    const swapped = await file('swapped', words.with(0, words[1]).with(1, words[0]).join(' '))
    const other = await person('bare').run(...restoreWords(folder, swapped), '--key-id', keyId)
    assert.ok(other.code === 1 || words[0] === words[1])
    assert.not.ok((await readdir(root)).some((name) => name.includes('bare')))
  }),
)

suite(
  'a restore that is killed at any moment leaves a whole vault or none, and the next one ends it',
  inPlace(async (place) => {
    const { person, root, file } = place
    const dice = seededDice(SEED)
    const { ana, folder, wordsFile } = await preparedIn(place)
    await ana.does('import', await file('year.ofx', year()))
    await ana.does('replica', 'push')
    await ana.does('note', 'Flat', 'rent=900')
    await ana.does('replica', 'push')
    const { records } = await ana.does('records')
    await rm(ana.folder, { recursive: true })
    const restoring = restoreWords(folder, wordsFile)
    const time = await timeOf(() => person('first').does(...restoring))
    const bare = person('bare')
    for (let kill = 0; kill < KILLS; kill++) {
      const when = await killedDuring({ start: () => bare.start(...restoring), time, dice })
      if ((await readdir(root)).includes('bare')) {
        // It has its name, so everything is in it. It is put away: the next one has something to do.
        assert.equal((await bare.does('records')).records, records, when)
        await rm(bare.folder, { recursive: true })
      } else assert.is((await bare.run('status')).answer.error.code, 'ERR_NO_VAULT', when)
    }
    await killedDuring({ start: () => bare.start(...restoring), time: time / 2, dice })
    if (!(await readdir(root)).includes('bare')) await bare.does(...restoring)
    assert.equal((await bare.does('records')).records, records)
    assert.is((await bare.does('status')).records, LINES + 1)
    assert.not.ok((await readdir(root)).some((name) => name.includes('unfinished')))
    await bare.does('replica', 'push')
    assert.is((await bare.does('replica', 'check')).ok, true)
  }),
)

suite(
  'two of three guardians bring a vault back; a forged fragment is named and gives nothing',
  inPlace(async (place) => {
    const { person, root } = place
    const ana = person('ana')
    const [folder, pages] = [join(root, 'drive'), join(root, 'pages')]
    await ana.does('create', '--key-file', '--name', 'Laptop')
    await ana.does('note', 'Flat', 'rent=900')
    await ana.does('replica', 'add', 'folder', folder)
    await ana.does('guardian', 'add', 'Bob', 'Carol', 'Dave', '--threshold', '2', '--pages', pages)
    await ana.does('replica', 'push')
    const { records } = await ana.does('records')
    await rm(ana.folder, { recursive: true })
    const [bobs, carols, daves] = ['1 Bob', '2 Carol', '3 Dave'].map((name) => join(pages, `${name}.txt`))
    const page = await readFile(carols, 'utf8')
    const [link] = /muniment:fragment\S+/u.exec(page)
    const at = link.length - 120
    const forged = join(root, 'carol.txt')
    await writeFile(forged, link.slice(0, at) + (link[at] === 'A' ? 'B' : 'A') + link.slice(at + 1))
    const bare = person('bare')
    assert.is((await bare.does('guardian', 'recover', daves)).here, 1)
    const named = await bare.run('guardian', 'recover', forged, '--replica', `folder:${folder}`)
    assert.is(named.code, 1)
    assert.is(named.answer.problems[0].guardian, forged)
    const from = ['--replica', `folder:${folder}`, '--key-file']
    const back = await bare.does('guardian', 'recover', bobs, ...from)
    assert.equal(back.removed, ['Laptop'])
    assert.equal((await bare.does('records')).records, records)
  }),
)

suite.run()
