import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const COMMAND = [
  '--conditions=@muniment/source',
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
]
/** Milliseconds for a command from source, on a machine that does much else. */
const PATIENCE = 30_000
const env = { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0' }

function muniment(...words: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [...COMMAND, ...words], { env })
}

describe('an operator starts an organisation', () => {
  test.each([
    [
      'issuer',
      'en',
      /^Unlocked\.\nVille de Lyon\ndid: did:key:z\w+\nlistens at: \/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+\n/u,
    ],
    [
      'verifier',
      'fr',
      /^Ouvert\.\nVille de Lyon\ndid: did:key:z\w+\nécoute à: \/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+\n/u,
    ],
  ])(
    'as %s, and reads in %s who it is, where it listens, and how to make a link for a person',
    async (role, language, expected) => {
      const folder = join(await temporaryFolder(), role)
      const start = [role, 'start', '--name', 'Ville de Lyon', '--key-file', '--lang', language]
      const running = spawn(process.execPath, [...COMMAND, ...start, '--folder', folder], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const output = text(running.stdout)
      await once(running.stdout, 'data')
      await muniment('lock', '--folder', folder)
      expect(await output).toMatch(expected)
      expect(await output).toContain(`  muniment ${role} `)
    },
    PATIENCE,
  )

  test(
    'a person’s vault is not started as an organisation',
    async () => {
      const folder = join(await temporaryFolder(), 'ana')
      await muniment('create', '--name', 'Laptop', '--key-file', '--folder', folder)
      await expect(muniment('issuer', 'start', '--folder', folder)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('holds a person’s vault'),
      })
    },
    PATIENCE,
  )
})
