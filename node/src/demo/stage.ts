import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { JsonObject } from '../control/actions.ts'
import { camtStatement, ofxStatement } from './bank-statement.ts'
import { makeParty, type Party, type RunningCommand } from './party.ts'
import type { Teller } from './tell.ts'

/** Everybody in the story. */
export interface Cast {
  readonly laptop: Party
  readonly phone: Party
  readonly council: Party
  readonly university: Party
  readonly employer: Party
  readonly landlord: Party
  readonly agency: Party
}

/** Where the story plays. */
export interface Stage {
  readonly root: string
  readonly cast: Cast
  readonly teller: Teller
  readonly statements: readonly string[]
  /** Everybody who is on stage now: the process that has their folder open. */
  readonly open: Map<keyof Cast, RunningCommand>
  /** Opens a party's folder in a process of its own and waits until it is ready. */
  readonly enter: (name: keyof Cast, ...words: readonly string[]) => Promise<JsonObject>
  /** Writes a JSON file for a command to read. */
  readonly file: (name: string, content: unknown) => Promise<string>
  /** The processes of the story, so that a new one is ended with the others. */
  readonly running: Set<ChildProcess>
}

/** Sets the stage: folders, statements, and nobody on it. */
export async function makeStage(init: {
  readonly root: string
  readonly running: Set<ChildProcess>
  readonly teller: Teller
  readonly statement: string | undefined
}): Promise<Stage> {
  const { root, running, teller, statement } = init
  const party = (name: string): Party => makeParty(name, join(root, name), running)
  const cast: Cast = {
    laptop: party('laptop'),
    phone: party('phone'),
    council: party('council'),
    university: party('university'),
    employer: party('employer'),
    landlord: party('landlord'),
    agency: party('agency'),
  }
  const open = new Map<keyof Cast, RunningCommand>()
  const file = async (name: string, content: unknown): Promise<string> => {
    const path = join(root, name)
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  return {
    root,
    running,
    cast,
    teller,
    open,
    file,
    statements: statement === undefined ? await makeStatements(file) : [resolve(statement)],
    async enter(name, ...words) {
      const command = cast[name].start(...words)
      open.set(name, command)
      return command.line(({ event }) => event === 'ready')
    },
  }
}

/** Two months at two banks, one in each format. */
async function makeStatements(
  file: (name: string, content: string) => Promise<string>,
): Promise<readonly string[]> {
  return [
    await file('current-account.ofx', ofxStatement({ seed: 1, transactions: 240 })),
    await file(
      'savings.camt.xml',
      camtStatement({ seed: 2, transactions: 60, account: 'FR7630006000011234567890189' }),
    ),
  ]
}
