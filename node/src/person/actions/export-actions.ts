import { MunimentError } from '@muniment/interface'
import type { Actions, JsonObject } from '../../control/actions.ts'
import { optionalText, text, texts } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { ArchiveKeys } from '../../export/index.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked about leaving. */
export function exportActions(vault: PersonVault): Actions {
  return {
    async export(parameters, { signal, progress }) {
      const report = await vault.export(text(parameters, 'path'), {
        keys: keysOf(parameters),
        signal,
        onProgress: ({ file, bytes }) => progress({ step: file, done: bytes }),
      })
      return toJson(report)
    },
  }
}

function keysOf(parameters: JsonObject): ArchiveKeys {
  const recipients = texts(parameters, 'recipients')
  const passphrase = optionalText(parameters, 'passphrase')
  if (recipients.length > 0 === (passphrase !== undefined)) {
    throw new MunimentError('ERR_USAGE', 'an archive opens either for age keys or by a passphrase')
  }
  return passphrase === undefined ? { recipients } : { passphrase }
}
