import { describe, expect, test } from 'vitest'
import { documents, languageOf } from './documents.ts'
import { runExample } from './run-example.ts'
import { setScene } from './scenes.ts'

const examples = documents.flatMap(({ path, blocks }) =>
  blocks.filter((block) => languageOf(block) === 'ts').map(({ code, line }) => ({ path, line, code })),
)

/** Its example defines tests, so it runs while tests are being defined. */
const COMPLIANCE = 'packages/compliance/src/index.ts'

describe('whoever copies an example from a document gets what it says', () => {
  test.for(examples.filter(({ path }) => path !== COMPLIANCE))('$path, line $line', async (example) => {
    const { things, afterwards, close } = await setScene(example.path)
    try {
      const promised = await runExample({ ...example, scene: things })
      for (const { says, is } of promised) expect(is).toBe(says)
      await afterwards?.()
    } finally {
      await close?.()
    }
  })

  for (const example of examples.filter(({ path }) => path === COMPLIANCE)) {
    describe(example.path, async () => {
      await runExample({ ...example, scene: {} })
    })
  }

  test('every package shows an example', () => {
    const indexes = documents.filter(({ path }) => path.endsWith('/index.ts'))
    const silent = indexes.filter(({ path }) => !examples.some((example) => example.path === path))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})
