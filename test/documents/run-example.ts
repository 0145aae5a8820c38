import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatWithOptions } from 'node:util'
import { ROOT } from './documents.ts'

const RUN = fileURLToPath(new URL('.run/', import.meta.url))
const IMPORT = /^import .+ from '[^']+'$/u
/** A line that ends in a comment which says what it prints, or what its expression is worth. */
const PRINTS = /^(?<code>.*console\.log\(.*\)) \/\/ (?<text>.+)$/u
const IS_WORTH = /^(?<code>(?!const |let |\/\/|for |if |import ).*\)[\w.]*) \/\/ (?<text>.+)$/u

/** An example of a document, with the things that its text takes for granted. */
export interface Example {
  readonly path: string
  readonly line: number
  readonly code: string
  readonly scene: Readonly<Record<string, unknown>>
}

/** What a comment of an example says, beside what came. */
export interface Promised {
  readonly says: string
  readonly is: string
}

/**
 * Runs an example as a module of its own, and gives what its comments promise beside what came. What the example takes
 * for granted is in a block around it, so that it may declare the same names itself.
 */
export async function runExample({ path, line, code, scene }: Example): Promise<readonly Promised[]> {
  const lines = code.split('\n')
  const imports = lines.filter((text) => IMPORT.test(text)).map((text) => fromRoot(text, path))
  const imported = new Set(imports.flatMap((text) => text.match(/[\w$]+/gu) ?? []))
  const given = Object.keys(scene).filter((name) => !imported.has(name))
  const name = `${path.replaceAll(/\W/gu, '-')}-${line}`
  const { promised, ...stage } = listener()
  stages().set(name, { ...scene, ...stage })
  const module = [
    ...imports,
    `const { ${[...given, ...Object.keys(stage)].join(', ')} } = globalThis.documentStages.get('${name}')`,
    '{',
    ...lines.filter((text) => !IMPORT.test(text)).map((text) => listening(text)),
    '}',
    '',
  ].join('\n')
  mkdirSync(RUN, { recursive: true })
  writeFileSync(`${RUN}${name}.ts`, module)
  await import(`${RUN}${name}.ts`)
  return promised
}

/** Lets a line tell what it printed, so that its comment can be held against it. */
function listening(text: string): string {
  const prints = PRINTS.exec(text)?.groups
  if (prints) return `${prints['code']}; promise(${JSON.stringify(prints['text'])})`
  const isWorth = IS_WORTH.exec(text)?.groups
  return isWorth ? `worth(${isWorth['code']}); promise(${JSON.stringify(isWorth['text'])})` : text
}

function listener() {
  const promised: Promised[] = []
  let last = ''
  return {
    promised,
    console: { log: (...values: readonly unknown[]) => (last = formatWithOptions({}, ...values)) },
    worth: (value: unknown) => (last = literal(value)),
    promise: (says: string) => promised.push({ says, is: last }),
  }
}

function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `Uint8Array [${value.join(', ')}]`
  return formatWithOptions({}, '%o', value)
}

/** An example beside its code imports from there, but runs elsewhere. */
function fromRoot(text: string, path: string): string {
  return text.replace(
    /from '(\.[^']+)'/u,
    (_, target: string) => `from '${resolve(ROOT, dirname(path), target)}'`,
  )
}

function stages(): Map<string, object> {
  const known: unknown = Reflect.get(globalThis, 'documentStages')
  if (known instanceof Map) return known
  const made = new Map<string, object>()
  Reflect.set(globalThis, 'documentStages', made)
  return made
}
