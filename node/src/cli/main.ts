import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { addCommand, type CommandDefinition } from './command-kit.ts'
import { CHECK_COMMANDS } from './commands/check.ts'
import { CREDENTIAL_COMMANDS } from './commands/credential.ts'
import { DEVICE_COMMANDS, JOIN_COMMANDS } from './commands/devices.ts'
import { EXCHANGE_COMMANDS } from './commands/exchange.ts'
import { ISSUER_COMMANDS, VERIFIER_COMMANDS } from './commands/organisations.ts'
import { EXPORT_COMMANDS } from './commands/export.ts'
import { GUARDIAN_COMMANDS } from './commands/guardian.ts'
import { KIT_COMMANDS } from './commands/kit.ts'
import { RECORD_COMMANDS } from './commands/records.ts'
import { REPLICA_ADD_COMMANDS, REPLICA_COMMANDS } from './commands/replica.ts'
import { VAULT_COMMANDS } from './commands/vault.ts'
import { REPLICA_HOST_COMMANDS } from './commands/replica-host.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { helpCommandText, speak } from './help-texts.ts'
import { chooseLanguage, type Text } from './language.ts'
import { markIds } from './leading-dash.ts'
import { printError } from './output.ts'

const ABOUT: Text = {
  en: 'A personal data vault on your own devices. It answers organisations directly, with no server in the middle.',
  fr: 'Un coffre de données personnelles sur vos propres appareils. Il répond aux organisations directement, sans serveur.',
}
const FOLDER: Text = {
  en: 'the folder of the vault or organisation',
  fr: 'le dossier du coffre ou de l’organisation',
}
const VERSION: Text = { en: 'show the version', fr: 'montrer la version' }
const JSON_FLAG: Text = { en: 'answer in JSON', fr: 'répondre en JSON' }
const LANG: Text = { en: 'en or fr', fr: 'en ou fr' }
const PASSPHRASE: Text = {
  en: 'read the passphrase from the first line of a file',
  fr: 'lire la phrase de passe dans la première ligne d’un fichier',
}
const DEVICE: Text = { en: 'the devices of this vault', fr: 'les appareils de ce coffre' }
const CREDENTIAL: Text = { en: 'check or look at a credential', fr: 'vérifier ou regarder une attestation' }
const ISSUER: Text = { en: 'certify facts about people', fr: 'certifier des faits sur des personnes' }
const KIT: Text = {
  en: 'the words that bring the vault back when all devices are lost',
  fr: 'les mots qui rendent le coffre quand tous les appareils sont perdus',
}
const GUARDIAN: Text = {
  en: 'people who can bring the vault back together',
  fr: 'des personnes qui, ensemble, peuvent rendre le coffre',
}
const REPLICA: Text = {
  en: 'sealed copies of the vault at places that cannot read it',
  fr: 'copies scellées du coffre, à des endroits qui ne peuvent pas le lire',
}
const REPLICA_ADD: Text = { en: 'add a replica', fr: 'ajouter une réplique' }
const VERIFIER: Text = { en: 'ask people for certified facts', fr: 'demander des faits certifiés' }

function flagAfter(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

const isJson = process.argv.includes('--json')
const language = chooseLanguage(flagAfter('--lang'), process.env)
const manifest: unknown = createRequire(import.meta.url)('../../package.json')
const version =
  typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : ''

const program = speak(new Command('muniment'), language)
  .description(ABOUT[language])
  .version(version, '-V, --version', VERSION[language])
  .option('--folder <folder>', FOLDER[language])
  .option('--json', JSON_FLAG[language])
  .option('--lang <language>', LANG[language])
  .option('--passphrase-file <file>', PASSPHRASE[language])
  .helpCommand('help [command]', helpCommandText(language))
  .showHelpAfterError()
  .exitOverride()

const replica = group('replica', REPLICA)
const groups: readonly (readonly [group: Command, commands: readonly CommandDefinition[]])[] = [
  [
    program,
    [
      ...VAULT_COMMANDS,
      ...CHECK_COMMANDS,
      ...JOIN_COMMANDS,
      ...RECORD_COMMANDS,
      ...EXCHANGE_COMMANDS,
      ...EXPORT_COMMANDS,
    ],
  ],
  [group('device', DEVICE), DEVICE_COMMANDS],
  [group('credential', CREDENTIAL), CREDENTIAL_COMMANDS],
  [group('kit', KIT), KIT_COMMANDS],
  [group('guardian', GUARDIAN), GUARDIAN_COMMANDS],
  [replica, [...REPLICA_COMMANDS, ...REPLICA_HOST_COMMANDS]],
  [group('add', REPLICA_ADD, replica), REPLICA_ADD_COMMANDS],
  [group('issuer', ISSUER), ISSUER_COMMANDS],
  [group('verifier', VERIFIER), VERIFIER_COMMANDS],
]
for (const [parent, commands] of groups) {
  for (const command of commands) addCommand(parent, language, command)
}

try {
  await program.parseAsync(markIds(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
  else {
    printError(error, { json: isJson })
    process.exitCode = exitCodeOf(error)
  }
}

function group(name: string, about: Text, parent: Command = program): Command {
  return speak(parent.command(name), language)
    .description(about[language])
    .helpCommand('help [command]', helpCommandText(language))
    .exitOverride()
}
