import { MunimentError } from '@muniment/interface'
import type { Action, JsonObject, JsonValue } from '../../control/actions.ts'
import { connectOwner } from '../../control/call-actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { serveActions } from '../../control/serve-actions.ts'
import { socketPath } from '../../control/socket-path.ts'
import { folderKind } from '../../home/folder.ts'
import type { RunningHost } from '../../replica/start-replica-host.ts'
import { makeFolder } from '../../store/index.ts'
import { formatByteSize, parseByteSize } from '../byte-size.ts'
import { consoleContext } from '../call-folder.ts'
import { type CommandDefinition, rowsOf } from '../command-kit.ts'
import type { Text } from '../language.ts'
import { plain, printJson, printLine, printQr, printTable } from '../output.ts'
import type { Settings } from '../settings.ts'

const LINK: Text = {
  en: 'The link for whose vault it is. It is shown this once; who has it uses the grant:',
  fr: 'Le lien pour le propriétaire du coffre. Il n’est montré qu’une fois ; qui l’a utilise l’espace :',
}
const NO_GRANTS: Text = {
  en: 'Nobody may keep anything here yet: give leave with --quota.',
  fr: 'Personne ne peut encore rien garder ici : donnez un espace avec --quota.',
}
const RUNS: Text = {
  en: 'The host runs until Ctrl+C, or "muniment lock --folder" with its folder.',
  fr: 'L’hôte marche jusqu’à Ctrl+C, ou « muniment lock --folder » avec son dossier.',
}

/** Keeps replicas for others; asked again while it runs, it gives or takes back leave there. */
const HOST: CommandDefinition = {
  words: 'host',
  about: {
    en: 'keep replicas for others on this machine, without learning whose they are',
    fr: 'garder des répliques pour d’autres sur cette machine, sans savoir à qui elles sont',
  },
  example: 'muniment replica host --folder ~/for-friends --quota 10GB --note Bob',
  flags: [
    [
      '--quota <size>',
      {
        en: 'give leave to keep so much, as 10GB: prints a link',
        fr: 'offrir un espace, comme 10GB : donne un lien',
      },
    ],
    ['--note <text>', { en: 'for whom it is, for you alone', fr: 'pour qui, pour vous seul' }],
    [
      '--revoke <grant>',
      { en: 'take leave back and remove what was kept', fr: 'reprendre un espace et effacer ce qu’il garde' },
    ],
    ['--listen <multiaddr>', { en: 'where to listen', fr: 'où écouter' }],
  ],
  run: async (settings, _words, flags) => {
    await checkFolder(settings, flags)
    const asked = readAsked(flags)
    const answer = (await askOwner(settings, asked)) ?? (await runHost(settings, { asked, flags }))
    if (answer !== undefined) show(answer, settings)
  },
}

/** The commands of `replica` for those who keep replicas for others. */
export const REPLICA_HOST_COMMANDS: readonly CommandDefinition[] = [HOST]

async function checkFolder({ folder }: Settings, flags: JsonObject): Promise<void> {
  if (typeof flags['folder'] !== 'string') {
    throw new MunimentError(
      'ERR_USAGE',
      'a host keeps replicas in a folder of its own: name it with --folder',
    )
  }
  if ((await folderKind(folder)) !== undefined) {
    throw new MunimentError('ERR_USAGE', `${folder} holds a vault: choose another folder`)
  }
}

function readAsked({ quota, note, revoke }: JsonObject): JsonObject {
  return {
    quota: typeof quota === 'string' ? parseByteSize(quota) : undefined,
    note: typeof note === 'string' ? note : undefined,
    revoke: typeof revoke === 'string' ? revoke : undefined,
  }
}

/** Asks the process that runs the host already; nothing when none does. */
async function askOwner(settings: Settings, asked: JsonObject): Promise<JsonValue | undefined> {
  const owner = await connectOwner(socketPath(settings.folder))
  if (!owner) return undefined
  const context = consoleContext(settings)
  try {
    return await owner.call('replica-host', asked, context)
  } finally {
    owner.close()
    context.stop()
  }
}

interface RunInit {
  readonly asked: JsonObject
  readonly flags: JsonObject
}

/** Runs the host until it is told to stop. Only to take leave back, it is not left running: then gives the answer. */
async function runHost(settings: Settings, { asked, flags }: RunInit): Promise<JsonValue | undefined> {
  const { startReplicaHost } = await import('../../replica/start-replica-host.ts')
  process.stdout.on('error', () => undefined)
  await makeFolder(settings.folder)
  const context = consoleContext(settings, { showEvents: true })
  const locked = new AbortController()
  const started = Promise.withResolvers<RunningHost>()
  started.promise.catch(() => undefined)
  const lock: Action = async () => {
    setImmediate(() => locked.abort())
    return null
  }
  // The socket first: who has it owns the folder.
  const server = await serveActions(socketPath(settings.folder), {
    lock,
    'replica-host': async (parameters) => answerAsked(await started.promise, parameters),
  })
  try {
    const { listen } = flags
    const running = await startReplicaHost({
      folder: settings.folder,
      ...(typeof listen === 'string' ? { listen: [listen] } : {}),
    })
    started.resolve(running)
    try {
      const answer = await answerAsked(running, asked)
      if (asked['revoke'] !== undefined && asked['quota'] === undefined) return answer
      if (settings.json) printJson({ event: 'ready', ...answer })
      else {
        show(answer, settings)
        printLine(RUNS[settings.language])
      }
      await aborted(AbortSignal.any([locked.signal, context.signal]))
      return undefined
    } finally {
      await running.stop()
    }
  } catch (error) {
    started.reject(error)
    throw error
  } finally {
    context.stop()
    await server.close()
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
}

async function answerAsked(running: RunningHost, { quota, note, revoke }: JsonObject): Promise<JsonObject> {
  const { host } = running
  if (typeof revoke === 'string') await host.revoke(revoke)
  const given =
    typeof quota === 'number'
      ? await host.grant({ quota, ...(typeof note === 'string' ? { note } : {}) })
      : undefined
  return {
    addresses: running.addresses(),
    grants: host.grants().map(({ id, note, quota, used }) => ({ id, note, quota, used })),
    ...(given ? { grant: given.id, link: running.link(given) } : {}),
  }
}

function show(answer: JsonValue, { json, language }: Settings): void {
  if (json) return printJson(answer)
  const rows = rowsOf(answer, 'grants')
  if (rows.length === 0) printLine(NO_GRANTS[language])
  else printTable(['id', 'note', 'used', 'quota'], rows.map(rowInWords))
  const link = isJsonObject(answer) ? answer['link'] : undefined
  if (typeof link !== 'string') return undefined
  printLine(`${LINK[language]}\n${plain(link)}`)
  return printQr(link)
}

function rowInWords({ used, quota, ...row }: JsonObject): JsonObject {
  return { ...row, used: formatByteSize(Number(used)), quota: formatByteSize(Number(quota)) }
}
