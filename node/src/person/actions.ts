import type { ContractWords, Language } from '@muniment/contract'
import { isMunimentError, MunimentError } from '@muniment/interface'
import type { Action, ActionContext, Actions, JsonObject, JsonValue } from '../control/actions.ts'
import { object, optionalNumber, optionalText, text, texts } from '../control/parameters.ts'
import { toJson } from '../control/to-json.ts'
import type { StorageInit } from '../home/open-storage.ts'
import { reportFiles } from '../importers/report-files.ts'
import type { Choice } from './answering.ts'
import { openVault } from './open-vault.ts'
import type { PersonVault } from './person-vault.ts'

/** Opens a person's vault and what may be asked of it. */
export async function openPersonActions(
  init: StorageInit,
): Promise<{ readonly actions: Actions; close(): Promise<void> }> {
  const vault = await openVault(init)
  const actions = {
    ...deviceActions(vault),
    ...importActions(vault),
    ...recordActions(vault),
    ...exchangeActions(vault),
  }
  return { actions, close: () => vault.close() }
}

function deviceActions(vault: PersonVault): Actions {
  return {
    async start(_parameters, { progress }) {
      await vault.goOnline()
      void resumeQuietly(vault).then((event) => progress(event))
      return { deviceId: vault.deviceId, addresses: [...vault.addresses()] }
    },
    async status() {
      return {
        vaultId: vault.vaultId,
        deviceId: vault.deviceId,
        records: await vault.count(),
        collections: toJson(vault.collections()),
        devices: toJson(vault.devices()),
        addresses: [...vault.addresses()],
      }
    },
    devices: async () => ({ devices: toJson(vault.devices()) }),
    async sync(_parameters, { signal, progress }) {
      await vault.goOnline()
      await vault.syncOnce({
        signal,
        onProgress: ({ received, expected }) => progress({ step: 'sync', done: received, expected }),
      })
      return { records: await vault.count() }
    },
    async invite(_parameters, context) {
      const device = await vault.invite({
        signal: context.signal,
        onInvitation({ link, code, expiresAt }) {
          const addresses = [...vault.addresses()]
          context.progress({
            event: 'invitation',
            link,
            code,
            addresses,
            expiresAt,
            text: invitationText(link, code, addresses),
          })
        },
        confirmWords: (words) => confirm(context, words),
      })
      return { joined: { id: device.id, name: device.name }, devices: toJson(vault.devices()) }
    },
  }
}

function invitationText(link: string, code: string, addresses: readonly string[]): string {
  return `${link}\n\n${code}   (--at ${addresses[0] ?? ''})`
}

async function confirm(context: ActionContext, words: readonly string[]): Promise<boolean> {
  return (await context.ask({ ask: 'confirm-words', words: [...words] })) === 'yes'
}

/** What a crash interrupted is delivered again; that an organisation is away is no reason to stop. */
async function resumeQuietly(vault: PersonVault): Promise<JsonObject> {
  try {
    return { event: 'resumed', shares: toJson(await vault.resumeShares()) }
  } catch (error) {
    return { event: 'resumed', waiting: isMunimentError(error) ? error.code : 'ERR_INTERNAL' }
  }
}

function importActions(vault: PersonVault): Actions {
  const importFiles: Action = async (parameters, context) => {
    const paths = texts(parameters, 'files')
    if (parameters['dryRun'] === true) return toJson(await reportFiles(paths, context))
    const files: JsonValue[] = []
    for (const path of paths) {
      const { signal, progress } = context
      try {
        const report = await vault.import(path, {
          signal,
          onProgress: ({ imported }) => progress({ step: path, done: imported }),
        })
        const { importId, format, imported, duplicates, skipped, unknown, total } = report
        files.push(toJson({ path, importId, format, imported, duplicates, skipped, unknown, total }))
      } catch (error) {
        if (!(error instanceof MunimentError)) throw error
        const { code, message } = error
        const nothing = { imported: 0, duplicates: 0, skipped: [], unknown: [], total: {} }
        files.push({ path, ...nothing, error: message, code })
      }
    }
    return { files }
  }
  return {
    import: importFiles,
    imports: async () => ({ imports: toJson(vault.imports()) }),
    async undoImport(parameters) {
      await vault.undoImport(text(parameters, 'importId'))
      return { undone: true }
    },
  }
}

function recordActions(vault: PersonVault): Actions {
  const changes = (parameters: JsonObject): { fields: Readonly<Record<string, string>> } => ({
    fields: Object.fromEntries(
      Object.entries(object(parameters, 'fields')).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value ?? null),
      ]),
    ),
  })
  return {
    async records(parameters) {
      const collection = optionalText(parameters, 'collection')
      const limit = optionalNumber(parameters, 'limit') ?? 50
      const records: JsonValue[] = []
      for await (const record of vault.records({ limit, ...(collection !== undefined && { collection }) })) {
        records.push(toJson({ ...record, assurance: record.provenance.assurance }))
      }
      return { records }
    },
    async record(parameters) {
      const record = await vault.record(text(parameters, 'id'))
      if (!record) throw new MunimentError('ERR_NOT_FOUND', 'there is no record of this id')
      return toJson(record)
    },
    async search(parameters) {
      const found = await vault.search(text(parameters, 'text'))
      return { records: found.map((record) => toJson({ ...record, assurance: record.provenance.assurance })) }
    },
    async note(parameters) {
      return { id: await vault.note(text(parameters, 'title'), changes(parameters).fields) }
    },
    async edit(parameters) {
      await vault.edit(text(parameters, 'id'), changes(parameters))
      return { edited: true }
    },
    async conflicts() {
      const conflicts: JsonValue[] = []
      for await (const { id, conflicts: all } of vault.conflicts()) {
        for (const { about, field, values } of all)
          conflicts.push(toJson({ id, field: field ?? about, values }))
      }
      return { conflicts }
    },
    async settle(parameters) {
      const field = text(parameters, 'field')
      await vault.settle(text(parameters, 'id'), { fields: { [field]: text(parameters, 'value') } })
      return { settled: true }
    },
  }
}

function languageOf(parameters: JsonObject): Language {
  return parameters['language'] === 'fr' ? 'fr' : 'en'
}

/** What a person chose on the command line. `--without` names claims as `credential.claim`, or by the claim alone. */
function choiceOf(parameters: JsonObject): Choice {
  const without = texts(parameters, 'without').map((name) => {
    const at = name.indexOf('.')
    if (at < 1) throw new MunimentError('ERR_USAGE', 'a claim to leave out is written credential.claim')
    return { credential: name.slice(0, at), claim: name.slice(at + 1) }
  })
  const keptDays = optionalNumber(parameters, 'keepDays')
  const struckThirdParties = texts(parameters, 'strike')
  const narrowing = {
    ...(without.length > 0 && { without }),
    ...(keptDays !== undefined && { keptDays }),
    ...(struckThirdParties.length > 0 && { struckThirdParties }),
  }
  return {
    choice: parameters['alternative'] === true ? 'alternative' : 'offer',
    ...(Object.keys(narrowing).length > 0 && { narrowing }),
  }
}

function wordLines(words: ContractWords): readonly string[] {
  const { who, what, purpose, givenBack, kept, thirdParties, erasure } = words
  return [who, ...what.map((line) => `  - ${line}`), purpose, givenBack, kept, ...thirdParties, erasure]
}

function exchangeActions(vault: PersonVault): Actions {
  return {
    async receive(parameters) {
      return toJson(
        await vault.receive(text(parameters, 'link'), { txCode: optionalText(parameters, 'txCode') }),
      )
    },
    async credentials() {
      const credentials = await vault.credentials()
      return {
        credentials: credentials.map((credential) => toJson({ ...credential, title: credential.vct })),
      }
    },
    async request(parameters) {
      const request = await vault.openRequest(text(parameters, 'link'), languageOf(parameters))
      const lines = [...wordLines(request.words.offer), ...request.problems.map(({ message }) => message)]
      return toJson({ ...request, text: [...lines, `muniment preview ${request.id}`] })
    },
    async inbox(parameters) {
      const requests = await vault.inbox(languageOf(parameters))
      return {
        requests: requests.map((request) => toJson({ ...request, purpose: request.words.offer.purpose })),
      }
    },
    async preview(parameters) {
      const id = text(parameters, 'id')
      const preview = await vault.preview(id, choiceOf(parameters))
      const language = languageOf(parameters)
      const { hash, contract, contractHash, leaving } = preview
      const values = leaving.map(({ path, value }) => `  → ${path.join('.')}: ${JSON.stringify(value)}`)
      return toJson({
        hash,
        contractHash,
        contract,
        leaving,
        bytes: await vault.previewBytes(id),
        text: [
          ...wordLines(preview.describe(language)),
          ...values,
          `muniment answer ${id} --accept --preview ${hash}`,
        ],
      })
    },
    async share(parameters) {
      const shared = await vault.share(text(parameters, 'id'), text(parameters, 'preview'))
      if (shared.ok) return toJson(shared)
      throw new MunimentError('ERR_REFUSED', shared.problems.map(({ message }) => message).join(' '))
    },
    async decline(parameters) {
      return toJson(await vault.decline(text(parameters, 'id')))
    },
    async shares() {
      const shares = await vault.shares()
      return {
        shares: shares.map(({ hash, state, contract, receipt }) =>
          toJson({ hash, state, contract, receipt }),
        ),
      }
    },
    async ledger() {
      const entries: JsonValue[] = []
      for await (const { relationship, n, kind, hash } of vault.ledger())
        entries.push({ relationship, n, kind, hash })
      return { entries, verified: toJson(await vault.verifyLedgers()) }
    },
  }
}
