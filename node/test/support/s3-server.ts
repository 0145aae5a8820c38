import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An S3-compatible server on loopback with one empty bucket. */
export interface TestingS3 {
  /** The bucket. */
  readonly endpoint: string
  stop(): Promise<void>
}

/** The key that the server knows. */
export const S3_KEY = { region: 'us-east-1', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const

const MAIN = fileURLToPath(new URL('./s3-server-main.ts', import.meta.url))

export async function startS3(): Promise<TestingS3> {
  const directory = await mkdtemp(join(tmpdir(), 'muniment-s3-'))
  const server = spawn(process.execPath, ['--openssl-legacy-provider', MAIN, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  const [port] = await Promise.race([
    once(createInterface(server.stdout), 'line'),
    ended.then(() => {
      throw new Error('the server did not start')
    }),
  ])
  return {
    endpoint: `http://127.0.0.1:${port}/vaults`,
    async stop() {
      server.stdin.end()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}
