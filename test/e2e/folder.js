import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPlace } from './support/people.js'

/** Every file of a folder with its bytes, so that "untouched" can be checked. */
async function contentOf(folder) {
  const names = (await readdir(folder, { recursive: true })).toSorted()
  const content = {}
  for (const name of names) {
    const path = join(folder, name)
    if ((await stat(path)).isFile()) content[name] = (await readFile(path)).toString('base64')
  }
  return content
}

suite(
  'who has the folder but not the passphrase gets nothing, and is told the one thing that is wrong',
  inPlace(async ({ person, passphraseFile, file }) => {
    const ana = person('ana')
    await ana.does('create', '--passphrase-file', passphraseFile)
    await ana.does('note', 'Secret plans', '--passphrase-file', passphraseFile)
    const before = await contentOf(ana.folder)
    const wrong = await file('wrong', 'correct horse battery stapl\n')
    for (const words of [['records'], ['unlock'], ['unlock', '--foreground']]) {
      const { code, answer } = await ana.run(...words, '--passphrase-file', wrong)
      assert.is(code, 1, words.join(' '))
      assert.is(answer.error.code, 'ERR_WRONG_PASSPHRASE')
    }
    const unasked = await ana.run('records')
    assert.is(unasked.code, 2)
    assert.match(unasked.answer.error.message, '--passphrase-file')
    assert.equal(await contentOf(ana.folder), before)
    assert.not.ok(
      JSON.stringify(before).includes(Buffer.from('Secret plans').toString('base64').slice(1, 12)),
    )
    const { records } = await ana.does('records', '--passphrase-file', passphraseFile)
    assert.is(records[0].title, 'Secret plans')
  }),
)

suite(
  'a folder of a newer version is left untouched, bit for bit',
  inPlace(async ({ person }) => {
    const ana = person('ana')
    await ana.does('create', '--key-file')
    const marker = join(ana.folder, 'muniment.json')
    const { version, ...rest } = JSON.parse(await readFile(marker, 'utf8'))
    await writeFile(marker, JSON.stringify({ ...rest, version: version + 1 }))
    const before = await contentOf(ana.folder)
    for (const words of [['status'], ['note', 'New'], ['unlock'], ['create', '--key-file']]) {
      const { code, answer } = await ana.run(...words)
      const isCreate = words[0] === 'create'
      assert.is(code, isCreate ? 1 : 3, words.join(' '))
      assert.is(answer.error.code, isCreate ? 'ERR_ALREADY_EXISTS' : 'ERR_STORE_NEWER')
    }
    assert.equal(await contentOf(ana.folder), before)
    await writeFile(marker, '{"version":')
    assert.is((await ana.run('status')).answer.error.code, 'ERR_STORE_DAMAGED')
  }),
)

suite(
  'while one process has the vault open commands go through it, and a second one is refused',
  inPlace(async ({ person, passphraseFile }) => {
    const ana = person('ana')
    await ana.does('create', '--passphrase-file', passphraseFile)
    const owner = await ana.opens('unlock', '--foreground', '--offline', '--passphrase-file', passphraseFile)
    const ids = await Promise.all(['one', 'two', 'three'].map((title) => ana.does('note', title)))
    assert.is(new Set(ids.map(({ id }) => id)).size, 3)
    const second = await ana.run('unlock', '--foreground', '--passphrase-file', passphraseFile)
    assert.is(second.code, 3)
    assert.is(second.answer.error.code, 'ERR_STORE_LOCKED')
    assert.is((await ana.does('status')).records, 3)
    assert.equal(await ana.does('lock'), { locked: true })
    assert.is((await ana.does('status', '--passphrase-file', passphraseFile)).records, 3)
    assert.is((await owner.ended()).code, 0)
    assert.is((await ana.run('status')).code, 2)
  }),
)

suite(
  'a vault opened in the background answers without a passphrase until it is locked, and then its process is gone',
  inPlace(async ({ person, passphraseFile }) => {
    const ana = person('ana')
    await ana.does('create', '--passphrase-file', passphraseFile)
    const { unlocked, pid } = await ana.does('unlock', '--offline', '--passphrase-file', passphraseFile)
    assert.is(unlocked, true)
    try {
      await ana.does('note', 'While unlocked')
      assert.is((await stat(join(ana.folder, 'owner.sock'))).mode & 0o077, 0)
      await ana.does('lock')
      assert.is((await ana.run('status')).code, 2)
    } finally {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    }
  }),
)

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

suite(
  'the process that has the vault open is killed, and what was acknowledged is there for the next command',
  inPlace(async ({ person }) => {
    const ana = person('ana')
    await ana.does('create', '--key-file')
    const owner = await ana.opens('unlock', '--foreground', '--offline')
    const { id } = await ana.does('note', 'Before the cut')
    const late = Promise.all(['a', 'b', 'c'].map((title) => ana.run('note', title)))
    await owner.kill('SIGKILL')
    const kept = (await late).filter(({ code }) => code === 0).map(({ answer }) => answer.id)
    assert.ok((await readdir(ana.folder)).includes('owner.sock'))
    assert.is((await ana.does('record', id)).title, 'Before the cut')
    for (const each of kept) assert.is((await ana.does('record', each)).id, each)
    const again = await ana.opens('unlock', '--foreground', '--offline')
    assert.ok((await ana.does('status')).records >= 1 + kept.length)
    await again.kill('SIGTERM')
    assert.is((await again.ended()).code, 0)
  }),
)

suite(
  'what else answers at the socket of a vault is not believed to be its owner',
  inPlace(async ({ person }) => {
    const ana = person('ana')
    await ana.does('create', '--key-file')
    const noise = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      socket.end('this is no JSON\n')
    })
    await new Promise((resolve) => noise.listen(join(ana.folder, 'owner.sock'), resolve))
    const { code, answer } = await ana.run('status')
    assert.is(code, 3)
    assert.is(answer.error.code, 'ERR_CHANNEL_CLOSED')
    await new Promise((resolve) => noise.close(resolve))
    assert.is((await ana.does('status')).records, 0)
  }),
)

suite(
  'where nothing can be written the person is told so, and nothing is left behind',
  inPlace(async ({ run, root, file, person }) => {
    const regular = await file('a-file', 'not a folder')
    for (const folder of [join(regular, 'vault'), regular, '/proc/muniment-vault']) {
      const told = await run(['create', '--key-file', '--json', '--folder', folder])
      assert.is(told.code, 3, folder)
      assert.is(told.answer.error.code, 'ERR_STORE_NOT_WRITABLE', folder)
    }
    assert.is(await readFile(regular, 'utf8'), 'not a folder')
    assert.equal((await readdir(root)).toSorted(), ['a-file', 'passphrase'])
    if (process.getuid?.() !== 0) {
      await mkdir(join(root, 'shut'))
      await chmod(join(root, 'shut'), 0o500)
      const { code } = await person('shut/vault').run('create', '--key-file')
      assert.is(code, 3)
    }
  }),
)

suite(
  'a folder with something in it is not used for a vault, and what is in it stays',
  inPlace(async ({ root, person }) => {
    const ana = person('ana')
    await mkdir(ana.folder)
    await writeFile(join(ana.folder, 'holiday.jpg'), 'a picture')
    for (const words of [
      ['create', '--key-file'],
      ['issuer', 'start', '--key-file', '--name', 'Council'],
    ]) {
      const { code, answer } = await ana.run(...words)
      assert.is(code, 1, words.join(' '))
      assert.is(answer.error.code, 'ERR_ALREADY_EXISTS')
    }
    assert.equal(await readdir(ana.folder), ['holiday.jpg'])
    assert.equal((await readdir(root)).toSorted(), ['ana', 'passphrase'])
    const bob = person('bob')
    await mkdir(bob.folder)
    await bob.does('create', '--key-file')
  }),
)

suite.run()
