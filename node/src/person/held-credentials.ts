import { type HeldCredential, type HeldCredentials, parseStrictJson } from '@muniment/credentials'
import { MunimentError } from '@muniment/interface'
import type { Vault } from '@muniment/vault'
import * as v from 'valibot'

const PREFIX = 'credential/'

const schema = v.strictObject({
  id: v.string(),
  issuer: v.string(),
  vct: v.string(),
  claims: v.custom<HeldCredential['claims']>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ),
  grant: v.strictObject({ issuer: v.string(), configurationId: v.string(), refreshToken: v.string() }),
  receivedAt: v.number(),
})

/** The vault's credentials as synced settings: the claims and the renewal grant, never a copy or a key (rule 9). */
export function vaultCredentials(vault: Vault): HeldCredentials {
  return {
    put: (credential) => vault.putSetting(PREFIX + credential.id, JSON.stringify(credential)),
    async get(id) {
      const text = await vault.getSetting(PREFIX + id)
      return text === undefined || text === null ? undefined : parseHeld(text)
    },
    async list() {
      const settings = await vault.settings(PREFIX)
      return [...settings.values()].map(parseHeld)
    },
  }
}

function parseHeld(text: unknown): HeldCredential {
  const parsed = v.safeParse(schema, typeof text === 'string' ? parseStrictJson(text) : undefined)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'a credential of the vault does not read')
  return parsed.output
}
