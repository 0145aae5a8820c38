import pico from 'picocolors'
import { MunimentError } from '@muniment/interface'

/** Prints the story: a chapter, a line of it, a check that holds. */
export interface Teller {
  chapter(title: string): void
  readonly say: (line: string) => void
  /** Prints the sentence when it is true; ends the story with it when it is not. */
  check(isTrue: boolean, sentence: string): void
  /** How many checks held. */
  readonly held: number
}

/** Tells the story on standard output. */
export function makeTeller(): Teller {
  let held = 0
  let chapters = 0
  return {
    get held() {
      return held
    },
    chapter(title) {
      chapters++
      process.stdout.write(`\n${pico.bold(`${chapters}. ${title}`)}\n`)
    },
    say: (line) => void process.stdout.write(`   ${line}\n`),
    check(isTrue, sentence) {
      if (!isTrue) throw new MunimentError('ERR_INTERNAL', `the story breaks here: ${sentence}`)
      held++
      process.stdout.write(`   ${pico.green('✓')} ${sentence}\n`)
    },
  }
}
