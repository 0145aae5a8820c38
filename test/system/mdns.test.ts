import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeNamespaces, type Namespaces } from './support/namespaces.ts'

const PEER = fileURLToPath(new URL('support/discovering-peer.ts', import.meta.url))
const TAG = '_muniment-test._udp.local'
const TIMEOUT = 60_000

interface Device {
  readonly id: string
  readonly said: readonly string[]
  /** Resolves when the device has said this. */
  says(line: string): Promise<void>
}

let hosts: Namespaces | undefined
const running: ChildProcess[] = []

beforeAll(() => {
  hosts = makeNamespaces(['alice', 'bob', 'carol'])
})
afterAll(async () => {
  await Promise.all(
    running.map((device) => {
      const ended = new Promise((resolve) => device.once('exit', resolve))
      device.stdin?.end()
      return ended
    }),
  )
  hosts?.remove()
})

describe('devices on one local network', () => {
  it(
    'find and greet each other by mDNS, and only those that want to be found',
    { timeout: TIMEOUT },
    async () => {
      const carol = await startDevice('carol')
      const alice = await startDevice('alice', TAG)
      const bob = await startDevice('bob', TAG)
      await Promise.all([alice.says(`greeted ${bob.id}`), bob.says(`greeted ${alice.id}`)])
      await Promise.all([alice.says(`greeted by ${bob.id}`), bob.says(`greeted by ${alice.id}`)])

      expect([...alice.said, ...bob.said].join('\n')).not.toContain(carol.id)
      expect(carol.said).toEqual([`is ${carol.id}`])
    },
  )
})

async function startDevice(host: string, ...tag: string[]): Promise<Device> {
  const [command = '', ...words] = hosts?.on(host) ?? []
  const device = spawn(command, [...words, process.execPath, '--conditions=@muniment/source', PEER, ...tag], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.push(device)
  const said: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: device.stdout }).on('line', (line) => {
    said.push(line)
    for (const look of waiting) look()
  })
  const heard = (test: (line: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const line = said.find(test)
        if (line === undefined) return
        waiting.delete(look)
        resolve(line)
      }
      waiting.add(look)
      look()
    })
  const first = await heard((line) => line.startsWith('is '))
  return {
    id: first.slice('is '.length),
    said,
    says: async (wanted) => {
      await heard((line) => line === wanted)
    },
  }
}
