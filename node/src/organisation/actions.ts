import { parseTerms } from '@muniment/contract'
import { isJsonObject, parseStrictJson } from '@muniment/credentials'
import { MunimentError } from '@muniment/interface'
import type { Action, Actions, JsonObject, JsonValue } from '../control/actions.ts'
import { object, optionalNumber, text, texts } from '../control/parameters.ts'
import { toJson } from '../control/to-json.ts'
import type { StorageInit } from '../home/open-storage.ts'
import { openOrganisation, type Organisation } from './open-organisation.ts'

/** Opens an organisation and what may be asked of it. */
export async function openOrganisationActions(
  init: StorageInit,
): Promise<{ readonly actions: Actions; close(): Promise<void> }> {
  const organisation = await openOrganisation(init)
  return { actions: organisationActions(organisation), close: () => organisation.close() }
}

function organisationActions(organisation: Organisation): Actions {
  const start: Action = async (_parameters, { progress }) => {
    const addresses = await organisation.start()
    organisation.observe((event) => progress({ event: 'exchange', ...record(toJson(event)) }))
    return { did: organisation.did, name: organisation.name, addresses: [...addresses] }
  }
  return {
    start,
    async status() {
      const { did, name } = organisation
      return { did, name, addresses: [...organisation.addresses()] }
    },
    async offer(parameters) {
      const made = await organisation.offerCredential({
        template: text(parameters, 'template'),
        claims: claimsOf(object(parameters, 'claims')),
        withTxCode: parameters['txCode'] === true,
      })
      return { ...made }
    },
    async makeRequest(parameters) {
      const request = object(parameters, 'request')
      const lifetime = optionalNumber(request, 'lifetime')
      const made = await organisation.request({
        terms: parseTerms(request['terms']),
        issuers: texts(request, 'issuers'),
        ...(request['alternative'] !== undefined && { alternative: parseTerms(request['alternative']) }),
        ...(lifetime !== undefined && { lifetime }),
      })
      return { ...made }
    },
    async received() {
      const received: JsonValue[] = []
      for await (const exchange of organisation.received()) received.push(toJson(exchange))
      return { received }
    },
    async ledger() {
      const verified = await organisation.verifyLedgers()
      const entries: JsonValue[] = []
      for await (const relationship of organisation.desk.ledger.relationships()) {
        for await (const { n, kind, hash } of organisation.desk.ledger.entries(relationship)) {
          entries.push({ relationship, n, kind, hash })
        }
      }
      return { entries, verified: toJson(verified) }
    },
  }
}

function record(value: JsonValue): JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {}
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Claims go through the strict parser, as if they came from an issuer's own system. */
function claimsOf(parameter: JsonObject): Parameters<Organisation['offerCredential']>[0]['claims'] {
  const claims = parseStrictJson(JSON.stringify(parameter))
  if (isJsonObject(claims)) return claims
  throw new MunimentError('ERR_USAGE', 'claims are a JSON object')
}
