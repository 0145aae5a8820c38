import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Milliseconds that one call may take: what hangs ends the bench. */
const PATIENCE = 120_000

/**
 * Starts a party: a process of its own that answers calls of what its module exports. `cpuProfile` names a folder for a
 * profile of it.
 */
export async function startParty(module, { cpuProfile } = {}) {
  const spawned = process.hrtime.bigint()
  const child = fork(
    fileURLToPath(new URL('child.mjs', import.meta.url)),
    [new URL(module, import.meta.url).href],
    {
      env: { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0' },
      execArgv: cpuProfile ? ['--cpu-prof', `--cpu-prof-dir=${cpuProfile}`] : [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  const pending = new Map()
  let last = 0
  const fail = (error) => {
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
  }
  const ready = new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`a party ended with ${code}`))
      fail(new Error(`a party ended with ${code}`))
    })
    child.on('message', ({ id, result, failure, ready: since }) => {
      if (since !== undefined) resolve(BigInt(since))
      const call = pending.get(id)
      pending.delete(id)
      if (failure !== undefined) call?.reject(new Error(failure))
      else call?.resolve(result)
    })
  })
  const startMilliseconds = (Number(await ready) - Number(spawned)) / 1e6
  return {
    spawned,
    startMilliseconds,
    call(verb, ...parameters) {
      return new Promise((resolve, reject) => {
        const id = ++last
        const late = setTimeout(() => reject(new Error(`${verb} took more than ${PATIENCE} ms`)), PATIENCE)
        const over = (settle) => (value) => (clearTimeout(late), settle(value))
        pending.set(id, { resolve: over(resolve), reject: over(reject) })
        child.send({ id, verb, parameters })
      })
    },
    /** Ends the process; a profiled one ends by itself, so that it can write its profile. */
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      if (cpuProfile) child.disconnect()
      else child.kill('SIGKILL')
      await gone
    },
  }
}
