import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMunimentError } from '@muniment/interface'
import { createVault, openVault } from 'muniment'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

const LAUNCHER = fileURLToPath(new URL('../../node/muniment.js', import.meta.url))
const DISK_MIB = 48
/** Room that is made later: enough for a compaction, which writes new tables before it removes the old ones. */
const BALLAST_MIB = 24
const VALUE = 40_000
const MORE_THAN_FITS = 2000
/** Of a statement: its transactions, the random bytes in the title of each, and the room it finds. */
const TRANSACTIONS = 120_000
const TITLE = 100
const LEFT = 512 << 10

const init = { key: random(32), cryptography, random }
let disk: string

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'muniment-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk], { stdio: 'pipe' })
  } catch (cause) {
    throw new Error('This test mounts a small disk in memory: run it as root on Linux.', { cause })
  }
})
afterEach(async () => {
  for (const name of await readdir(disk)) await rm(join(disk, name), { recursive: true })
})
afterAll(async () => {
  execFileSync('umount', ['--lazy', disk])
  await rm(disk, { recursive: true, force: true })
})

describe('a person whose disk is full', () => {
  it(
    'is told so, keeps all that was acknowledged, and goes on when there is room',
    { timeout: 60_000 },
    async () => {
      const ballast = join(disk, 'ballast')
      await writeFile(ballast, new Uint8Array(BALLAST_MIB << 20))
      const folder = join(disk, 'store')
      const store = await openLevelStore(folder, init)
      const keyring = fileKeyring(join(disk, 'keyring'), init)
      await keyring.replace(Uint8Array.of(1))
      let kept = 0
      let refusal: unknown
      while (refusal === undefined && kept < MORE_THAN_FITS) {
        try {
          await store.commit([{ table: 'log', key: kept, value: new Uint8Array(VALUE).fill(kept) }])
          kept++
        } catch (error) {
          refusal = error
        }
      }

      expect(isMunimentError(refusal, 'ERR_STORE_FULL'), String(refusal)).toBe(true)
      await expect(keyring.replace(new Uint8Array(8 << 20))).rejects.toMatchObject({ code: 'ERR_STORE_FULL' })
      expect(await keyring.read()).toEqual(Uint8Array.of(1))
      await rm(ballast)
      await store.commit([{ table: 'log', key: kept, value: new Uint8Array(VALUE).fill(kept) }])
      await store.close()

      const again = await openLevelStore(folder, init)
      const numbers: number[] = []
      for await (const { key, value } of again.list('log')) {
        numbers.push(key)
        expect(value.every((byte) => byte === key % 256)).toBe(true)
      }
      await again.close()
      expect(numbers).toEqual(Array.from({ length: kept + 1 }, (_, index) => index))
    },
  )

  it(
    'while a statement is imported is told so, keeps what was there, and imports it whole when there is room',
    { timeout: 120_000 },
    async () => {
      const folder = join(disk, 'vault')
      const statement = join(tmpdir(), `muniment-statement-${process.pid}.ofx`)
      await writeFile(statement, ofx(TRANSACTIONS))
      const ballast = join(disk, 'ballast')
      try {
        const vault = await createVault({ folder, name: 'Laptop', passphrase: 'correct horse' })
        const before = await vault.note('Before')
        await writeFile(ballast, new Uint8Array((await freeBytes()) - LEFT))
        await expect(vault.import(statement)).rejects.toMatchObject({ code: 'ERR_STORE_FULL' })
        await vault.close().catch(() => undefined)
        await rm(ballast)

        const again = await openVault({ folder, passphrase: 'correct horse' })
        expect((await again.record(before))?.title).toBe('Before')
        expect(again.imports()).toEqual([])
        expect(await again.import(statement)).toMatchObject({ imported: TRANSACTIONS, duplicates: 0 })
        await again.close()
      } finally {
        await rm(statement)
      }
    },
  )

  it(
    'sees in the status of the process that has the vault open how much room is needed, reads on, and may write as soon as there is room',
    { timeout: 180_000 },
    async () => {
      const folder = join(disk, 'vault')
      const statement = join(tmpdir(), `muniment-statement-${process.pid}.ofx`)
      await writeFile(statement, ofx(TRANSACTIONS))
      const muniment = (...words: string[]) => command([...words, '--json', '--folder', folder])
      await muniment('create', '--key-file')
      await muniment('note', 'Before')
      const owner = spawn(process.execPath, [
        LAUNCHER,
        'unlock',
        '--foreground',
        '--offline',
        '--folder',
        folder,
      ])
      try {
        await once(owner.stdout, 'data')
        const ballast = join(disk, 'ballast')
        await writeFile(ballast, new Uint8Array((await freeBytes()) - LEFT))
        const refused = await muniment('import', statement)
        expect(refused).toMatchObject({ files: [{ imported: 0, code: 'ERR_STORE_FULL' }] })
        expect(String(await status(muniment))).toMatch(/^read-only: disk full, \d+ MB needed$/)
        expect(await muniment('note', 'No room')).toMatchObject({ error: { code: 'ERR_STORE_FULL' } })
        expect(await muniment('records')).toMatchObject({ records: [{ title: 'Before' }] })

        await rm(ballast)
        await vi.waitFor(async () => expect(await status(muniment)).toBeUndefined(), {
          timeout: 30_000,
          interval: 1000,
        })
        expect(await muniment('import', statement)).toMatchObject({
          files: [{ imported: TRANSACTIONS, duplicates: 0 }],
        })
        expect((await stat(join(folder, 'store', 'reserve'))).size).toBeGreaterThan(0)
        await muniment('lock')
      } finally {
        owner.kill()
        await rm(statement)
      }
    },
  )
})

/** Runs the command and gives the object that it answers with. */
async function command(words: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [LAUNCHER, ...words])
  let answer = ''
  child.stdout.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  await once(child, 'close')
  return JSON.parse(answer.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

async function status(muniment: (word: string) => Promise<Record<string, unknown>>): Promise<unknown> {
  return (await muniment('status'))['readOnly']
}

/** A statement whose titles are hardly shorter when they are compressed. */
function ofx(count: number): string {
  const transactions = Array.from(
    { length: count },
    (_, index) =>
      `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20260301<TRNAMT>-1.00<FITID>${index}<NAME>${Buffer.from(random(TITLE)).toString('hex')}</STMTTRN>\n`,
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
${transactions.join('')}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(disk)
  return bavail * bsize
}
