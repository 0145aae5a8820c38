import { isMunimentError } from '@muniment/interface'
import type { ActionContext, Actions, JsonObject } from '../../control/actions.ts'
import { toJson } from '../../control/to-json.ts'
import type { DamageReport } from '../mending/own-damage.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked of the vault's devices. */
export function deviceActions(vault: PersonVault): Actions {
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
        erasing: toJson((await vault.erasures()).filter(({ waitsFor }) => waitsFor.length > 0)),
        replicas: toJson(await vault.replicas()),
        kit: toJson((await vault.kitStatus()) ?? null),
        guardians: toJson((await vault.guardians()) ?? null),
        restored: toJson((await vault.restored()) ?? null),
        ...(vault.isRemoved() && { removed: true }),
        readOnly: vault.readOnly()?.words,
        ...openDamage(await vault.damage()),
      }
    },
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

/** What the disk lost and has not given back; nothing when all is there. */
function openDamage({ isWhole, open }: DamageReport): JsonObject {
  return isWhole ? {} : { damage: toJson(open) }
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
