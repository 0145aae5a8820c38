import { writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ADDRESS_CLAIMS, tenancyRequest } from '../src/demo/tenancy.ts'
import {
  createOrganisation,
  createVault,
  joinVault,
  type Organisation,
  type PersonVault,
} from '../src/index.ts'
import { linesOf, openArchive, sha256 } from './support/open-archive.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']
const STATEMENT = new URL('../../examples/statement.ofx', import.meta.url).pathname
/** Milliseconds for several real devices, on a machine that does much else. */
const PATIENCE = 30_000
let identity: string
let recipient: string

beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})

function closedAfter<T extends { close(): Promise<void> }>(opened: T): T {
  onTestFinished(() => opened.close())
  return opened
}

async function anasLaptop(root: string): Promise<PersonVault> {
  return closedAfter(await createVault({ folder: join(root, 'laptop'), name: 'Laptop' }))
}

async function phoneOf(laptop: PersonVault, root: string): Promise<PersonVault> {
  await laptop.goOnline({ listen: LISTEN })
  const shown = Promise.withResolvers<string>()
  const inviting = laptop.invite({
    onInvitation: ({ link }) => shown.resolve(link),
    confirmWords: async () => true,
  })
  const invitation = await shown.promise
  const phone = await joinVault({
    folder: join(root, 'phone'),
    name: 'Phone',
    invitation,
    confirmWords: async () => true,
  })
  await inviting
  return closedAfter(phone)
}

async function organisation(root: string, name: string): Promise<Organisation> {
  const made = closedAfter(await createOrganisation({ folder: join(root, name), name }))
  await made.start({ listen: LISTEN })
  return made
}

/** Ana takes a proof of address from her council and shows her town to a landlord. */
async function shareAddress(ana: PersonVault, root: string): Promise<string> {
  const [council, landlord] = [await organisation(root, 'Council'), await organisation(root, 'Landlord')]
  const offer = await council.offerCredential({ template: 'proof-of-address', claims: ADDRESS_CLAIMS })
  const { id: credential } = await ana.receive(offer.link)
  const draft = tenancyRequest([council.did])
  const what = draft.terms.what.filter(({ id }) => id === 'address')
  const { link } = await landlord.request({ ...draft, terms: { ...draft.terms, what } })
  const request = await ana.openRequest(link)
  const preview = await ana.preview(request.id)
  expect(await ana.share(request.id, preview.hash)).toMatchObject({ ok: true })
  return credential
}

describe('Ana leaves with an archive', () => {
  test(
    'and everything she has is in it: records, edits, what her devices disagree about, credentials, the ledger',
    async () => {
      const root = await temporaryFolder()
      const ana = await anasLaptop(root)
      const { importId } = await ana.import(STATEMENT)
      const flat = await ana.note('Flat', { rent: '900' })
      const phone = await phoneOf(ana, root)
      await phone.goOnline({ listen: LISTEN })
      await phone.syncOnce()
      await phone.goOffline()
      await ana.edit(flat, { fields: { rent: '920' } })
      await phone.edit(flat, { fields: { rent: '950' } })
      await phone.goOnline({ listen: LISTEN })
      await phone.syncOnce()
      await ana.syncOnce()
      const credential = await shareAddress(ana, root)

      const path = join(root, 'vault.tar.age')
      const steps: string[] = []
      const report = await ana.export(path, {
        keys: { recipients: [recipient] },
        onProgress: ({ file }) => steps.push(file),
      })
      const files = await openArchive(path, { identity })

      const records = [...linesOf(files, 'records/note'), ...linesOf(files, 'records/bank-transaction')]
      const held = await Array.fromAsync(ana.records())
      expect(records).toHaveLength(held.length)
      expect(records).toEqual(expect.arrayContaining(held))
      expect(records).toContainEqual(
        expect.objectContaining({
          id: flat,
          edited: [expect.objectContaining({ field: 'rent' })],
          conflicts: [
            expect.objectContaining({
              values: expect.arrayContaining(
                ['920', '950'].map((value) => expect.objectContaining({ value })),
              ),
            }),
          ],
        }),
      )
      expect(JSON.parse(files.get('imports.json') ?? '')).toMatchObject([{ importId, imported: 3 }])

      const copies = await Array.fromAsync(ana.copies(credential))
      expect(copies.length).toBeGreaterThan(1)
      const issued = [...files].filter(([name]) => name.endsWith('.sd-jwt.txt')).map(([, token]) => token)
      expect(issued.sort()).toEqual(copies.sort())
      expect(JSON.parse(files.get('credentials/1/credential.json') ?? '')).toMatchObject({
        id: credential,
        claims: ADDRESS_CLAIMS,
      })

      const ledger = await Array.fromAsync(ana.ledger())
      const [relationship = ''] = new Set(ledger.map((line) => line.relationship))
      const entries = linesOf(files, `ledger/${relationship.replaceAll(':', '_')}`)
      expect(entries.map((entry) => (entry as { hash: string }).hash)).toEqual(ledger.map(({ hash }) => hash))
      expect(entries).toContainEqual(
        expect.objectContaining({
          kind: 'presentation',
          body: expect.objectContaining({ bytes: { base64url: expect.stringMatching(/^[\w-]{100,}$/u) } }),
        }),
      )
      expect(JSON.parse(files.get('shares.json') ?? '')).toMatchObject([{ state: 'in force' }])
      expect(JSON.parse(files.get('devices.json') ?? '')).toHaveLength(2)
      expect(report).toEqual({
        path,
        bytes: (await stat(path)).size,
        files: files.size,
        records: held.length,
        copies: copies.length,
        ledgerEntries: ledger.length,
      })
      expect(steps).toEqual([...files.keys()])
    },
    PATIENCE,
  )

  test('whose last file lists every other one with its length and hash, and whose first explains them twice', async () => {
    const root = await temporaryFolder()
    const ana = await anasLaptop(root)
    await ana.note('Flat')
    const path = join(root, 'vault.tar.age')
    await ana.export(path, { keys: { recipients: [recipient] } })
    const files = await openArchive(path, { identity })
    const names = [...files.keys()]
    expect(names[0]).toBe('README.txt')
    expect(names.at(-1)).toBe('manifest.json')
    expect(JSON.parse(files.get('manifest.json') ?? '')).toEqual({
      format: 'muniment-export',
      version: 1,
      vaultId: ana.vaultId,
      deviceId: ana.deviceId,
      exportedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
      files: [...files].slice(0, -1).map(([name, content]) => ({
        path: name,
        bytes: Buffer.byteLength(content),
        sha256: sha256(content),
        records: name === 'records/note.jsonl' ? 1 : undefined,
      })),
    })
    expect(files.get('README.txt')).toContain('Private keys.')
    expect(files.get('README.txt')).toContain('Les clés privées.')
  })

  test(
    'in which no key of a credential, no secret of the vault and no renewal grant is',
    async () => {
      const root = await temporaryFolder()
      const ana = await anasLaptop(root)
      await shareAddress(ana, root)
      const path = join(root, 'vault.tar.age')
      await ana.export(path, { keys: { recipients: [recipient] } })
      const all = [...(await openArchive(path, { identity })).values()].join('\n')
      expect(all).toContain('14 rue des Lilas')
      expect(all).not.toMatch(/refreshToken|refresh_token|"grant"|secret"|"d":/u)
    },
    PATIENCE,
  )

  test('that shows nothing of it in clear, is for her alone, and opens for no other key', async () => {
    const root = await temporaryFolder()
    const ana = await anasLaptop(root)
    await ana.note('CANARY-TITLE', { secret: 'CANARY-VALUE' })
    const path = join(root, 'vault.tar.age')
    await ana.export(path, {
      keys: { recipients: [recipient, await identityToRecipient(await generateIdentity())] },
    })
    const bytes = (await readFile(path)).toString('latin1')
    expect(bytes).toMatch(/^age-encryption\.org\/v1\n/u)
    for (const clear of ['CANARY', 'README', 'manifest', 'muniment', ana.vaultId, ana.deviceId]) {
      expect(bytes).not.toContain(clear)
    }
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.stringify([...(await openArchive(path, { identity }))])).toContain('CANARY-VALUE')
    await expect(openArchive(path, { identity: await generateIdentity() })).rejects.toThrow()
  })

  test(
    'that opens by its passphrase and by no other',
    async () => {
      const root = await temporaryFolder()
      const ana = await anasLaptop(root)
      await ana.note('Flat')
      const path = join(root, 'vault.tar.age')
      await ana.export(path, { keys: { passphrase: 'a long walk by the river' } })
      const files = await openArchive(path, { passphrase: 'a long walk by the river' })
      expect(linesOf(files, 'records/note')).toMatchObject([{ title: 'Flat' }])
      await expect(openArchive(path, { passphrase: 'a long walk by the sea' })).rejects.toThrow()
    },
    PATIENCE,
  )
})

describe('an export that cannot be', () => {
  test('keeps a file that is there, and says so', async () => {
    const root = await temporaryFolder()
    const ana = await anasLaptop(root)
    const path = join(root, 'vault.tar.age')
    await writeFile(path, 'of yesterday')
    await expect(ana.export(path, { keys: { recipients: [recipient] } })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
    expect(await readFile(path, 'utf8')).toBe('of yesterday')
  })

  test('keeps a file that comes while it is written', async () => {
    const root = await temporaryFolder()
    const folder = join(root, 'out')
    await mkdir(folder)
    const path = join(folder, 'vault.tar.age')
    const ana = await anasLaptop(root)
    const exporting = ana.export(path, {
      keys: { recipients: [recipient] },
      onProgress: () => {
        writeFileSync(path, 'of another')
      },
    })
    await expect(exporting).rejects.toMatchObject({ code: 'ERR_ALREADY_EXISTS' })
    expect(await readFile(path, 'utf8')).toBe('of another')
    expect(await readdir(folder)).toEqual(['vault.tar.age'])
  })

  test('leaves nothing when Ana gives up, before or in the middle', async () => {
    const root = await temporaryFolder()
    const folder = join(root, 'out')
    await mkdir(folder)
    const ana = await anasLaptop(root)
    for (let note = 0; note < 20; note++) await ana.note(`Note ${note}`)
    for (const givesUpAt of ['', 'records/note.jsonl', 'manifest.json']) {
      const abort = new AbortController()
      if (givesUpAt === '') abort.abort()
      const exporting = ana.export(join(folder, 'vault.tar.age'), {
        keys: { recipients: [recipient] },
        signal: abort.signal,
        onProgress: ({ file }) => {
          if (file === givesUpAt) abort.abort()
        },
      })
      await expect(exporting).rejects.toMatchObject({ code: 'ERR_ABORTED' })
      expect(await readdir(folder)).toEqual([])
    }
  })

  test('names what is wrong: no folder, no key, something that is no key, a short passphrase', async () => {
    const root = await temporaryFolder()
    const ana = await anasLaptop(root)
    const path = join(root, 'vault.tar.age')
    await expect(
      ana.export(join(root, 'no', 'vault.tar.age'), { keys: { recipients: [recipient] } }),
    ).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    for (const keys of [
      { recipients: [] },
      { recipients: [recipient, 'age1nonsense'] },
      { recipients: Array.from({ length: 21 }, () => recipient) },
      { passphrase: 'short' },
    ]) {
      await expect(ana.export(path, { keys })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }
    const pasted = ana.export(path, { keys: { recipients: [identity] } })
    await expect(pasted).rejects.toSatisfy((error: Error) => !String(error.stack).includes(identity))
    expect(await readdir(root)).toEqual(['laptop'])
  })
})
