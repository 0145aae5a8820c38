import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rowsOf } from '../cli/command-kit.ts'
import { plain } from '../cli/output.ts'
import type { Stage } from './stage.ts'
import type { Shared } from './story-organisations.ts'
import { tenancyRequest } from './tenancy.ts'

const MALLORY = fileURLToPath(new URL('mallory.js', import.meta.url))

/** Somebody copied Ana's presentation, and tries what can be tried with it. */
export async function triesOfMallory(stage: Stage, shared: Shared): Promise<void> {
  const { teller } = stage
  teller.chapter('Mallory has copied the presentation and tries to use it')
  for (const [forgery, sentence] of [
    ['as it is', 'the same presentation again'],
    ['signature twin', 'its signature twin'],
  ] as const) {
    const reply = await tryIt(shared.link, forgery, shared.bytes)
    teller.check(reply.includes('"refused":"closed"'), `${sentence} is refused: closed`)
  }
  const tries = [
    ['landlord', 'tampered', 'a tampered one', 'disclosure_unreferenced'],
    ['agency', 'as it is', 'the one for another verifier', 'key_binding_audience'],
    ['landlord', 'stranger', 'one that a stranger signed', 'issuer_unknown'],
  ] as const
  for (const [verifier, forgery, sentence, code] of tries) {
    const problems = await problemsOfTry(stage, { verifier, forgery, shared })
    teller.check(problems.includes(code), `${sentence} is refused: ${problems.join(', ')}`)
  }
  const received = rowsOf(await stage.cast.landlord.run('verifier', 'received'), 'received')
  const inForce = received.filter(({ receipt }) => receipt !== undefined)
  teller.check(inForce.length === 1, 'the landlord holds one contract, Ana’s')
}

interface Try {
  readonly verifier: 'landlord' | 'agency'
  readonly forgery: string
  readonly shared: Shared
}

/** Tries it on a fresh request, and gives the codes that the verifier's own event names. */
async function problemsOfTry(stage: Stage, { verifier, forgery, shared }: Try): Promise<readonly string[]> {
  const file = await stage.file('another.json', tenancyRequest(shared.issuers))
  const { id, link } = await stage.cast[verifier].run('verifier', 'request', file)
  const reply = await tryIt(plain(link), forgery, shared.bytes)
  stage.teller.check(reply.includes('"refused":"refused"'), 'the attacker is told no more than: refused')
  const event = await stage.open
    .get(verifier)
    ?.line((line) => line['event'] === 'exchange' && line['id'] === id && line['problems'] !== undefined)
  return rowsOf(event ?? {}, 'problems').map(({ code }) => plain(code))
}

async function tryIt(link: string, forgery: string, bytes: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MALLORY, link, forgery, bytes], {
    timeout: 60_000,
  })
  return stdout.trim()
}
