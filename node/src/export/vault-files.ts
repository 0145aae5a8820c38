import type { Answering } from '../person/answering.ts'
import type { CredentialSummary, CredentialWallet } from '../person/credential-wallet.ts'
import type { LedgerLine, LedgerView } from '../person/ledger-view.ts'
import type { OwnImports } from '../person/own-imports.ts'
import type { OwnRecords } from '../person/own-records.ts'
import type { VaultConnection } from '../person/vault-connection.ts'
import type { ArchiveFile, Counted } from './archive-file.ts'
import { fileNames } from './file-names.ts'
import { lineParts } from './line-parts.ts'
import { openJson } from './open-json.ts'
import { readmeText } from './readme-text.ts'

/** What an export reads of a vault. */
export interface ExportedVault
  extends
    Pick<OwnRecords, 'collections' | 'records'>,
    Pick<OwnImports, 'imports'>,
    Pick<CredentialWallet, 'copies' | 'credentials'>,
    Pick<Answering, 'shares'>,
    Pick<LedgerView, 'ledger'>,
    Pick<VaultConnection, 'devices'> {
  readonly vaultId: string
  readonly deviceId: string
}

/** Everything a vault holds, as open files, one by one. Throws what reading the vault throws. */
export async function* vaultFiles(vault: ExportedVault): AsyncGenerator<ArchiveFile> {
  yield { path: 'README.txt', bytes: Buffer.from(readmeText()) }
  yield* recordFiles(vault)
  yield jsonFile('imports.json', vault.imports())
  yield* credentialFiles(vault)
  yield* ledgerFiles(vault)
  yield jsonFile('shares.json', (await vault.shares()).map(shareOf))
  yield jsonFile('devices.json', vault.devices().map(deviceOf))
}

async function* recordFiles(vault: ExportedVault): AsyncGenerator<ArchiveFile> {
  const nameOf = fileNames()
  for (const collection of [...vault.collections().keys()].sort()) {
    yield* lineFiles(`records/${nameOf(collection)}`, 'records', vault.records({ collection }))
  }
}

async function* credentialFiles(vault: ExportedVault): AsyncGenerator<ArchiveFile> {
  const credentials = [...(await vault.credentials())].sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const [index, credential] of credentials.entries()) {
    const folder = `credentials/${index + 1}`
    yield jsonFile(`${folder}/credential.json`, certified(credential))
    let copy = 0
    for await (const token of vault.copies(credential.id)) {
      const path = `${folder}/${++copy}.sd-jwt.txt`
      yield { path, bytes: Buffer.from(token), holds: { what: 'copies', count: 1 } }
    }
  }
}

/** The ledger comes relationship by relationship; each has files of its own. */
async function* ledgerFiles(vault: ExportedVault): AsyncGenerator<ArchiveFile> {
  const nameOf = fileNames()
  const lines = vault.ledger()[Symbol.asyncIterator]()
  try {
    let next = await lines.next()
    while (next.done !== true) {
      const { relationship } = next.value
      const chain = oneChain(next.value, lines)
      yield* lineFiles(`ledger/${nameOf(relationship)}`, 'ledgerEntries', chain.lines())
      next = chain.next()
    }
  } finally {
    await lines.return?.()
  }
}

/** The lines of one relationship, and then what comes after them. */
function oneChain(
  first: LedgerLine,
  rest: AsyncIterator<LedgerLine>,
): { readonly lines: () => AsyncGenerator<LedgerLine>; readonly next: () => IteratorResult<LedgerLine> } {
  let at: IteratorResult<LedgerLine> = { done: false, value: first }
  return {
    async *lines() {
      while (at.done !== true && at.value.relationship === first.relationship) {
        yield at.value
        at = await rest.next()
      }
    },
    next: () => at,
  }
}

async function* lineFiles(
  name: string,
  what: Counted,
  values: AsyncIterable<unknown>,
): AsyncGenerator<ArchiveFile> {
  let part = 0
  for await (const { bytes, count } of lineParts(asJson(values))) {
    part++
    const path = part === 1 ? `${name}.jsonl` : `${name}.${part}.jsonl`
    yield { path, bytes, holds: { what, count } }
  }
}

async function* asJson(values: AsyncIterable<unknown>): AsyncGenerator {
  for await (const value of values) yield openJson(value)
}

/** A file of one JSON value, for a person to read. */
export function jsonFile(path: string, value: unknown): ArchiveFile {
  return { path, bytes: Buffer.from(`${JSON.stringify(openJson(value), undefined, 2)}\n`) }
}

function certified({ id, issuer, vct, claims }: CredentialSummary): unknown {
  return { id, issuer, vct, claims }
}

function shareOf(share: Awaited<ReturnType<Answering['shares']>>[number]): unknown {
  const { hash, state, contract, presentations, receipt, reason } = share
  return { hash, state, contract, presentations, receipt, reason }
}

function deviceOf({ id, name, isThisDevice }: ReturnType<VaultConnection['devices']>[number]): unknown {
  return { id, name, isThisDevice }
}
