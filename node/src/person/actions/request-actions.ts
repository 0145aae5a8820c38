import type { ContractWords, Language } from '@muniment/contract'
import { MunimentError } from '@muniment/interface'
import type { Actions, JsonObject, JsonValue } from '../../control/actions.ts'
import { optionalNumber, text, texts } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { Choice } from '../answering.ts'
import type { PersonVault } from '../person-vault.ts'

/** What organisations ask, what is answered, and what came of it. */
export function requestActions(vault: PersonVault): Actions {
  return { ...questionActions(vault), ...answerActions(vault), ...ledgerActions(vault) }
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

function questionActions(vault: PersonVault): Actions {
  return {
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
  }
}

function answerActions(vault: PersonVault): Actions {
  return {
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
  }
}

function ledgerActions(vault: PersonVault): Actions {
  return {
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
