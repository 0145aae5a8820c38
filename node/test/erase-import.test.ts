import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { fromCanonical } from '@muniment/crypto'
import { ClassicLevel } from 'classic-level'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { expect, test, vi } from 'vitest'
import { folderPaths, unlockingOf } from '../src/home/folder.ts'
import { openStorage } from '../src/home/open-storage.ts'
import { createVault, joinVault, openVault, type PersonVault } from '../src/index.ts'
import { openParts } from '../src/person/open-parts.ts'
import { rowKeys } from '../src/store/row-keys.ts'
import { rowSeal } from '../src/store/row-seal.ts'
import { openKeyHeader, vaultFileKeys } from '../src/store/index.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']
const PAYEE = 'Zqcanary Clinic'
const NOTE = 'zqcanary-handwritten'
const FILE = 'zqcanary-file.ofx'
const KEPT = 'Bakery Dupont'

function ofx(payee: string): string {
  const transactions = ['1', '2'].map(
    (id) =>
      `<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>2026031${id}<TRNAMT>-90.00<FITID>${payee}${id}<NAME>${payee}</STMTTRN>`,
  )
  return `OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<ACCTID>00011234567<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260301<DTEND>20260331
${transactions.join('\n')}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`
}

async function filesUnder(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)))
}

function formsOf(text: string): Buffer[] {
  const utf8 = Buffer.from(text)
  const inBase64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), utf8]).toString('base64')
    return whole.slice(Math.ceil((before * 4) / 3), whole.length - 4)
  })
  const forms = [utf8.toString('hex'), ...inBase64].map((form) => Buffer.from(form))
  return [utf8, Buffer.from(text, 'utf16le'), ...forms]
}

function holds(bytes: Uint8Array, text: string): boolean {
  return formsOf(text).some((form) => Buffer.from(bytes).includes(form))
}

/** The rows of a closed device's store as they are stored. */
async function storedRows(folder: string): Promise<Map<string, Buffer>> {
  const level = new ClassicLevel<string, Uint8Array>(join(folderPaths(folder).store, 'level'), {
    keyEncoding: 'hex',
    valueEncoding: 'view',
    compression: false,
  })
  const rows = new Map<string, Buffer>()
  for await (const [key, value] of level.iterator()) rows.set(key, Buffer.from(value))
  await level.close()
  return rows
}

/** Everything that a closed device's own keys open: its rows, and what its keyring opens of its log. */
async function openable(folder: string): Promise<Buffer> {
  const key = await storeKey(folder)
  const seal = rowSeal({ key, cryptography, random })
  const opened: Uint8Array[] = []
  for (const [name, value] of await storedRows(folder)) {
    if (name.length > 2) opened.push(seal.open(Buffer.from(name, 'hex'), value).value)
  }
  const parts = await openParts(await openStorage({ folder }))
  for (const device of Object.keys(parts.log.seen())) {
    for await (const { kind, body } of parts.log.entries(device)) {
      if (!body) continue
      opened.push(body)
      const content = kind === 'segment' ? fromCanonical(body) : undefined
      const deflated: unknown = content && Reflect.get(content, 'rows')
      if (deflated instanceof Uint8Array) opened.push(inflateRawSync(deflated))
    }
  }
  await parts.close()
  return Buffer.concat(opened)
}

/** Which of the texts a closed device can still open, and none may stand in the clear. */
async function tellsOf(folder: string): Promise<string[]> {
  for (const bytes of (await filesUnder(folder)).values())
    for (const text of [PAYEE, NOTE, FILE, KEPT]) expect(holds(bytes, text)).toBe(false)
  const opened = await openable(folder)
  return [PAYEE, NOTE, FILE, KEPT].filter((text) => holds(opened, text))
}

/** Tables of a few numbers, which change again after the files were rewritten. */
const BOOKKEEPING = [
  'log/heads',
  'vault/cursors',
  'vault/meta',
  'replica-state',
  'replicas/seen',
  'replicas/heads',
  'replicas/counter',
  'roster/read',
  'device',
]

async function storeKey(folder: string): Promise<Uint8Array> {
  const { header } = folderPaths(folder)
  const root = await openKeyHeader(header, unlockingOf(folder, undefined), { cryptography, random })
  return vaultFileKeys(cryptography, root).store
}

/** No file holds a row's bytes that the store no longer has: the nonce of a sealed row is nowhere else. */
async function expectNoRemains(folder: string, before: ReadonlyMap<string, Buffer>): Promise<void> {
  const after = await storedRows(folder)
  const keys = rowKeys(cryptography, await storeKey(folder))
  const changing = new Set(
    BOOKKEEPING.map((table) => Buffer.from(keys.of(table, 'any').subarray(0, 12)).toString('hex')),
  )
  const isBookkeeping = (key: string): boolean => key.length === 2 || changing.has(key.slice(0, 24))
  const gone = [...before].filter(([key, value]) => !isBookkeeping(key) && !after.get(key)?.equals(value))
  const bytes = Buffer.concat([...(await filesUnder(folder)).values()])
  expect(gone.length).toBeGreaterThan(3)
  const left = gone.filter(([, value]) => bytes.indexOf(value.subarray(0, 24)) >= 0)
  const seal = rowSeal({ key: await storeKey(folder), cryptography, random })
  const opened = left.map(([key, value]) => seal.open(Buffer.from(key, 'hex'), value))
  // Settings arrived from the other device afterwards.
  const others = opened.filter(({ name }) => name !== 'settings')
  expect(others.map(({ name, value }) => name ?? Buffer.from(value).toString('latin1'))).toEqual([])
}

async function laptopAndPhone(root: string): Promise<{ laptop: PersonVault; phone: PersonVault }> {
  const laptop = await createVault({ folder: join(root, 'laptop'), name: 'Laptop' })
  await laptop.goOnline({ listen: LISTEN })
  const invited = Promise.withResolvers<string>()
  const pairing = laptop.invite({
    onInvitation: ({ link }) => invited.resolve(link),
    confirmWords: async () => true,
  })
  const phone = await joinVault({
    folder: join(root, 'phone'),
    name: 'Phone',
    invitation: await invited.promise,
    confirmWords: async () => true,
  })
  await pairing
  await phone.goOnline({ listen: LISTEN })
  return { laptop, phone }
}

test('what Ana erases can be opened on neither device, nor found on a disk or in a replica, also where it was asleep', async () => {
  const root = await temporaryFolder()
  const [at, file, drive] = [join(root, 'laptop'), join(root, FILE), join(root, 'drive')]
  const { laptop, phone } = await laptopAndPhone(root)
  await writeFile(file, ofx(PAYEE))
  const { importId, imported } = await laptop.import(file)
  expect(imported).toBe(2)
  await writeFile(join(root, 'kept.ofx'), ofx(KEPT))
  await laptop.import(join(root, 'kept.ofx'))
  const [record] = await laptop.search('zqcanary')
  await laptop.edit(record?.id ?? '', { fields: { label: NOTE } })
  await laptop.addReplica({ kind: 'folder', folder: drive })
  await laptop.pushReplica('drive')
  await vi.waitFor(
    async () => expect((await phone.record(record?.id ?? ''))?.fields['label']).toBe(NOTE),
    20_000,
  )
  await Promise.all([laptop.close(), phone.close()])
  expect(await tellsOf(at)).toEqual([PAYEE, NOTE, FILE, KEPT])
  const [onLaptop, onPhone] = [await storedRows(at), await storedRows(join(root, 'phone'))]
  const onDrive = await filesUnder(drive)

  let again = await openVault({ folder: at })
  const erasure = await again.eraseImport(importId)
  expect(erasure).toMatchObject({ records: 2, waitsFor: [{ name: 'Phone' }] })
  await again.pushReplica('drive')
  await again.close()
  expect(await tellsOf(at)).toEqual([KEPT])
  await expectNoRemains(at, onLaptop)
  const packs = new Set((await filesUnder(drive)).keys())
  expect([...onDrive.keys()].filter((path) => !packs.has(path)).length).toBeGreaterThan(0)

  again = await openVault({ folder: at })
  const awake = await openVault({ folder: join(root, 'phone') })
  await Promise.all([again.goOnline(), awake.goOnline()])
  await vi.waitFor(async () => expect((await again.erasures())[0]?.waitsFor).toEqual([]), 30_000)
  expect(await awake.count()).toBe(2)
  await Promise.all([again.close(), awake.close()])
  expect(await tellsOf(join(root, 'phone'))).toEqual([KEPT])
  await expectNoRemains(join(root, 'phone'), onPhone)
  await rm(root, { recursive: true })
}, 90_000)
