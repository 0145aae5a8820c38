// The lanes: which steps each of the project's commands runs. Every lane sets up what is missing first.

const vitest = (title, project, env = {}) => ({
  title,
  command: `vitest run --project ${project}`,
  counts: 'vitest',
  env,
})
const tests = (env) => [
  vitest('Unit', 'unit', env),
  vitest('Integration, conformance, hostile input, documents', 'integration', env),
  vitest('Scenarios', 'scenario', env),
  {
    title: 'End to end, on the built files',
    command: 'node scripts/end-to-end.mjs',
    counts: 'uvu',
    env,
  },
]

const powerLoss = (env) => vitest('Power loss', 'system test/system/power-loss', env)
const deep = (scale) => {
  const env = { MUNIMENT_SCALE: String(scale) }
  return [...tests(env), powerLoss(env)]
}

export const LANES = {
  demo: { command: 'node node/dist/demo/run-demo.js' },
  bench: { command: 'node bench/run.mjs' },
  test: { steps: tests() },
  // The figures of docs/threat-model.md: `test` tries some 2 % of the deep ones; the long ones are their hundredfold.
  'test:deep': { steps: deep(50) },
  'test:long': { steps: deep(5000) },
  'test:system': { steps: [vitest('System: namespaces, power loss, full disks, archives', 'system')] },
  'test:outside': {
    needs: ['MUNIMENT_VECTORS', 'MUNIMENT_SAMPLES'],
    steps: [vitest('Published vectors and real export files', 'outside')],
  },
  verify: {
    steps: [
      { title: 'Format', command: 'oxfmt --check' },
      { title: 'Lint', command: 'oxlint --deny-warnings' },
      { title: 'Types', command: 'tsc -p tsconfig.test.json' },
      { title: 'Layers', command: 'depcruise packages credentials node --config' },
      { title: 'Unused code', command: 'knip' },
      { title: 'Package shape', command: 'node scripts/check-packages.mjs' },
      ...tests(),
    ],
  },
}
