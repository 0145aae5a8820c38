import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeError } from '../control/serve-actions.ts'
import { armProcesses } from './arm-processes.ts'
import { makeStage, type Stage } from './stage.ts'
import { addressedOffline, bothAgree, importStatements, phoneJoins } from './story-devices.ts'
import { askForTenancy, certify, killEverybody, startOrganisations, summary } from './story-organisations.ts'
import { makeTeller } from './tell.ts'
import { triesOfMallory } from './story-mallory.ts'

/** Plays the whole story between real processes on loopback; the exit code says whether every check held. */
async function runDemo(): Promise<number> {
  const since = Date.now()
  const root = await mkdtemp(join(tmpdir(), 'muniment-demo-'))
  const running = new Set<ChildProcess>()
  const disarm = armProcesses(running)
  const teller = makeTeller()
  try {
    const stage: Stage = await makeStage({
      root,
      running,
      teller,
      statement: statementOf(process.argv.slice(2)),
    })
    await writeFile(join(root, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 })
    await importStatements(stage)
    await phoneJoins(stage)
    await addressedOffline(stage)
    await bothAgree(stage)
    await startOrganisations(stage)
    await certify(stage)
    const shared = await askForTenancy(stage)
    await triesOfMallory(stage, shared)
    await killEverybody(stage, shared)
    await summary(stage)
    teller.say('')
    teller.say(`${teller.held} checks held, in ${((Date.now() - since) / 1000).toFixed(0)} s.`)
    return 0
  } catch (error) {
    const { code, message } = describeError(error)
    process.stderr.write(`\n${message} (${code})\n`)
    return 1
  } finally {
    disarm()
    for (const child of running) child.kill('SIGKILL')
    await rm(root, { recursive: true, force: true })
  }
}

/** `--statement FILE`: a person's own file instead of the one that the demo makes. */
function statementOf(words: readonly string[]): string | undefined {
  const at = words.indexOf('--statement')
  return at < 0 ? undefined : words[at + 1]
}

process.exit(await runDemo())
