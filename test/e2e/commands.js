import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPairs, inPlace } from './support/people.js'

const COMMANDS = [
  'create,unlock,lock,status,check,invite,join,sync',
  'device list,device remove,device rename,device rotate',
  'import,imports,undo-import,erase,records,record,search,note,edit,conflicts,settle',
  'receive,credentials,request,inbox,shares,ledger,preview,answer,export',
  'credential verify,credential inspect,issuer start,issuer offer',
  'verifier start,verifier request,verifier received',
  'kit make,kit rehearse,kit restore,kit status',
  'guardian add,guardian list,guardian key,guardian open,guardian recover',
  'replica list,replica push,replica check,replica repair,replica remove,replica host',
  'replica add folder,replica add webdav,replica add s3,replica add peer',
].flatMap((line) => line.split(','))

suite(
  'every command tells what it is for with an example and its flags, in English and in French',
  inPlace(async ({ run }) => {
    const english = await inPairs(COMMANDS, async (words) => ({
      words,
      ...(await run([...words.split(' '), '--help'])),
    }))
    for (const { words, code, output, errors } of english) {
      assert.is(code, 0, words)
      assert.is(errors, '', words)
      assert.match(output, `\nExample:\n  muniment ${words}`, words)
      for (const flag of ['--json', '--folder <folder>', '--lang <language>'])
        assert.match(output, flag, words)
    }
    const french = await inPairs(
      COMMANDS.filter((_words, index) => index % 4 === 0),
      async (words) => ({
        words,
        ...(await run([...words.split(' '), '--help', '--lang', 'fr'])),
      }),
    )
    for (const { words, code, output } of french) {
      assert.is(code, 0, words)
      assert.match(output, `\nExemple:\n  muniment ${words}`, words)
      assert.match(output, /^Utilisation : muniment/u, words)
      assert.not.match(output, /Usage|Options:|Arguments:|display help/u, words)
    }
  }),
)

suite(
  'the list of commands speaks the language of the machine',
  inPlace(async ({ run }) => {
    const french = await run(['--help'], { env: { LC_ALL: 'fr_FR.UTF-8' } })
    assert.match(french.output, 'Un coffre de données personnelles')
    assert.match(french.output, 'créer un coffre sur cet appareil')
    const english = await run(['--help'], { env: { LC_ALL: 'de_DE.UTF-8' } })
    assert.match(english.output, 'make a vault on this device')
    for (const words of COMMANDS) assert.match(english.output, `  ${words.split(' ')[0]} `)
  }),
)

const WRONG_USAGE = [
  [],
  ['nonsense'],
  ['status', '--no-such-flag'],
  ['credential'],
  ['records', '--limit', '0'],
  ['records', '--limit', 'many'],
  ['join', 'ABC'],
  ['import'],
  ['note', 'A title', 'no-equals-sign'],
  ['answer', 'r-1'],
  ['answer', 'r-1', '--accept'],
  ['answer', 'r-1', '--accept', '--decline'],
  ['preview', 'r-1', '--keep-days', 'few'],
  ['issuer', 'offer', 'proof-of-address'],
  ['verifier', 'request', 'no-such-file.json'],
  ['create', '--passphrase-file', 'no-such-file'],
]

suite(
  'someone who gets the words of a command wrong is told so, with exit code 2, and nothing is made',
  inPlace(async ({ run, root, person }) => {
    await person('ana').does('create', '--key-file')
    const told = await inPairs(WRONG_USAGE, async (words) => {
      const folder = words[0] === 'create' || words[0] === 'join' ? `${root}/none` : `${root}/ana`
      return { words, ...(await run([...words, '--folder', folder])) }
    })
    for (const { words, code, output, errors } of told) {
      assert.is(code, 2, words.join(' '))
      assert.is(output, '', words.join(' '))
      assert.ok(errors.length > 0, words.join(' '))
    }
    assert.is((await run(['status', '--folder', `${root}/none`])).code, 1)
  }),
)

suite(
  'a first vault needs no question, network or registration: made, used and looked at by hand',
  inPlace(async ({ person }) => {
    const ana = person('ana')
    const made = await ana.does('create', '--key-file', '--name', 'Laptop')
    assert.is(made.folder, ana.folder)
    const { id } = await ana.does('note', 'Car insurance', 'insurer=Maaf', 'renewal=2027-01-31')
    const record = await ana.does('record', id)
    assert.is(record.title, 'Car insurance')
    assert.is(record.fields.insurer, 'Maaf')
    const found = await ana.does('search', 'insurance')
    assert.equal(
      found.records.map((each) => each.id),
      [id],
    )
    const status = await ana.does('status')
    assert.is(status.records, 1)
    assert.equal(status.addresses, [])
    assert.equal(
      status.devices.map(({ name }) => name),
      ['Laptop'],
    )
  }),
)

suite(
  'a person sees tables, and what an attacker put into a title cannot move their cursor',
  inPlace(async ({ person, run }) => {
    const ana = person('ana')
    await ana.does('create', '--key-file')
    await ana.does('note', 'red \u001B[31mand \u202Ebackwards')
    const { code, output } = await run(['records', '--folder', ana.folder])
    assert.is(code, 0)
    assert.match(output, 'backwards')
    assert.not.ok(output.includes('\u001B') || output.includes('\u202E'))
  }),
)

suite(
  'a folder without a vault is a plain no: exit code 1',
  inPlace(async ({ person }) => {
    const nobody = person('nobody')
    for (const words of [['status'], ['records'], ['unlock'], ['unlock', '--foreground'], ['ledger']]) {
      const { code, answer } = await nobody.run(...words)
      assert.is(code, 1, words.join(' '))
      assert.is(answer.error.code, 'ERR_NO_VAULT')
    }
    assert.equal(await nobody.does('lock'), { locked: true })
  }),
)

suite.run()
