import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { asks, certifies, saysYes, startsAs, townRequest } from './support/organisations.js'
import { inPlace, within } from './support/people.js'

/** Times that a restore is killed in one run of the suite. */
const KILLS = 6

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
    await ana.does('edit', id, 'rent=950')
    await certifies(place, council, ana)
    const { link } = await asks(place, landlord, townRequest([certifying.did]))
    assert.is((await saysYes(ana, link)).code, 0)
    const before = await everythingOf(ana)
    assert.is(before.claims.length, 1)
    // Nobody told it to upload: it does by itself, after a quiet time.
    await untilConfirmed(ana)
    await owner.kill('SIGKILL')
    await rm(ana.folder, { recursive: true })

    const bare = person('bare')
    const restored = await bare.does(...restoreWords(folder, wordsFile), '--key-id', keyId)
    assert.is(restored.why, 'alone')
    assert.equal(restored.removed, ['Laptop'])
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
    const { person, root } = place
    const { ana, folder, wordsFile } = await preparedIn(place)
    const owner = await ana.opens('unlock', '--foreground', '--offline')
    for (let number = 0; number < 12; number++) {
      await ana.does('note', `Note ${number}`, `number=${number}`)
      if (number % 3 === 0) await ana.does('replica', 'push')
    }
    await ana.does('replica', 'push')
    const { records } = await ana.does('records')
    await owner.kill('SIGTERM')
    await rm(ana.folder, { recursive: true })
    const bare = person('bare')
    let taken = 1000
    let killed = 0
    for (let round = 0; round < KILLS; round++) {
      const began = Date.now()
      const restoring = bare.start(...restoreWords(folder, wordsFile))
      const time = Math.round((taken * (round + 1)) / (KILLS + 1))
      await new Promise((resolve) => setTimeout(resolve, time))
      if (restoring.isAlive()) killed += 1
      await restoring.kill('SIGKILL')
      const isThere = (await readdir(root)).includes('bare')
      if (isThere) {
        // Finished: everything is in it. It is put away, so that the next round has something to do.
        assert.equal((await bare.does('records')).records, records)
        taken = Date.now() - began
        await rm(bare.folder, { recursive: true })
      } else assert.is((await bare.run('status')).answer.error.code, 'ERR_NO_VAULT')
    }
    assert.ok(killed > 0)
    await bare.does(...restoreWords(folder, wordsFile))
    assert.equal((await bare.does('records')).records, records)
    assert.equal(
      (await readdir(root)).filter((name) => name.includes('unfinished')),
      [],
    )
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
