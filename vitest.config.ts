import { defineConfig } from 'vitest/config'

const source = { conditions: ['@muniment/source'] }

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['{packages/*,credentials,node}/test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/{integration,conformance,hostile,documents}/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'scenario', include: ['test/scenario/**/*.test.ts'] } },
    ],
  },
})
