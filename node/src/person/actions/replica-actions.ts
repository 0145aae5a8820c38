import { MunimentError } from '@muniment/interface'
import type { ActionContext, Actions, JsonObject, JsonValue } from '../../control/actions.ts'
import { object, optionalText } from '../../control/parameters.ts'
import { isJsonObject } from '../../control/lines.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'
import { pushAll } from '../replicas/push-all.ts'
import { parsePlace } from '../replicas/replica-place.ts'

/** What may be asked about the vault's replicas. Without `which` all of them are meant. */
export function replicaActions(vault: PersonVault): Actions {
  const replicas = async (): Promise<JsonValue> => toJson(await vault.replicas())
  const each = async (
    parameters: JsonObject,
    work: (which: string) => Promise<object>,
  ): Promise<JsonObject[]> => {
    const which = optionalText(parameters, 'which')
    const named = which === undefined ? await vault.replicas() : [{ id: which, name: which }]
    const results: JsonObject[] = []
    for (const { id, name } of named) results.push({ name, ...resultOf(await work(id)) })
    return results
  }
  return {
    replicas: async () => ({ replicas: await replicas() }),
    async 'replica-add'(parameters, context) {
      const place = parsePlace(object(parameters, 'place'))
      if (!place) throw new MunimentError('ERR_USAGE', 'a replica needs a place of a kind that is known')
      const added = await vault.addReplica(place, { name: optionalText(parameters, 'name') })
      const pushed = await vault.pushReplica(added.id, uploading(context))
      return { added: added.name, pushed: toJson(pushed), replicas: await replicas() }
    },
    async 'replica-push'(parameters, context) {
      const which = optionalText(parameters, 'which')
      if (which === undefined) await pushAll(vault, uploading(context))
      else await vault.pushReplica(which, uploading(context))
      const after = await vault.replicas()
      return { ok: after.every(({ problem }) => !problem), replicas: toJson(after) }
    },
    async 'replica-check'(parameters, context) {
      const deep = parameters['deep'] === true
      const checked = await each(parameters, (which) =>
        vault.checkReplica(which, { deep, ...reading(context) }),
      )
      return { ok: checked.every(({ ok }) => ok === true), checked }
    },
    async 'replica-repair'(parameters, context) {
      const repaired = await each(parameters, (which) => vault.repairReplica(which, uploading(context)))
      return { repaired, replicas: await replicas() }
    },
    async 'replica-remove'(parameters) {
      const which = optionalText(parameters, 'which') ?? ''
      await vault.removeReplica(which)
      return { removed: which, replicas: await replicas() }
    },
  }
}

type Progress = { readonly done: number; readonly expected: number }

function uploading({ signal, progress }: ActionContext): {
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
} {
  return { signal, onProgress: ({ done, expected }) => progress({ step: 'upload', done, expected }) }
}

function reading({ signal, progress }: ActionContext): ReturnType<typeof uploading> {
  return { signal, onProgress: ({ done, expected }) => progress({ step: 'check', done, expected }) }
}

function resultOf(report: object): JsonObject {
  const json = toJson(report)
  return isJsonObject(json) ? json : {}
}
