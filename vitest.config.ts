import { defineConfig } from 'vitest/config'

const source = { conditions: ['@muniment/source'] }
const project = (name: string, include: string[]) => ({ extends: true as const, test: { name, include } })

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    projects: [
      project('unit', ['{packages/*,credentials,node}/test/**/*.test.ts']),
      project('integration', ['test/{integration,conformance,hostile,documents}/**/*.test.ts']),
      project('scenario', ['test/scenario/**/*.test.ts']),
      project('system', ['test/system/**/*.test.ts']),
      project('outside', ['test/outside/**/*.test.ts']),
    ],
  },
})
