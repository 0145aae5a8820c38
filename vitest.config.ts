import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const source = { conditions: ['@muniment/source'] }
const project = (name: string, include: string[]) => ({ extends: true as const, test: { name, include } })

/** How many times as much is tried as in `npm test`, and where the random cases begin. */
const scale = Number(process.env['MUNIMENT_SCALE'] ?? 1)
const seed = Number(process.env['MUNIMENT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
process.stdout.write(`Random cases begin at MUNIMENT_SEED=${seed}\n`)

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    // Vitest leaves one processor free; of the two that these tests are meant for, they use both.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    provide: { scale, seed },
    testTimeout: Math.min(5000 * scale, 2 ** 31 - 1),
    projects: [
      project('unit', ['{packages/*,credentials,node}/test/**/*.test.ts']),
      project('integration', ['test/{integration,conformance,hostile,documents}/**/*.test.ts']),
      project('scenario', ['test/scenario/**/*.test.ts']),
      project('system', ['test/system/**/*.test.ts']),
      project('outside', ['test/outside/**/*.test.ts']),
    ],
  },
})
