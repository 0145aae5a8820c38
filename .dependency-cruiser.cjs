const { doors, only, rows } = require('./layers.cjs')

const anyOf = (folders) => `^(${folders.join('|')})/`
const rooms = [...rows.flat(), 'packages/compliance']

const directions = rooms.map((room) => {
  const row = rows.findIndex((names) => names.includes(room))
  const allowed = only[room] ?? rows.slice(0, row).flat()
  const refused = rooms.filter((other) => other !== room && !allowed.includes(other))
  return {
    name: `direction-of-${room}`,
    comment: `${room} may import ${allowed.join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: `^${room}/src/` },
    to: { path: anyOf(refused) },
  }
})

const thirdPartyDoors = Object.entries(doors).map(([name, door]) => ({
  name: `door-of-${name}`,
  comment: `${name} is imported in ${door.rooms.join(' and ')} only`,
  severity: 'error',
  from: { path: '^(packages/[^/]+|credentials|node)/src/', pathNot: anyOf(door.rooms) },
  to: { path: `node_modules/${door.modules}` },
}))

const platform = {
  name: 'no-platform-outside-node',
  comment: 'packages and credentials run in a browser too',
  severity: 'error',
  from: { path: '^(packages/[^/]+|credentials)/src/' },
  to: { dependencyTypes: ['core'] },
}

const listed = {
  name: 'only-what-package-json-lists',
  severity: 'error',
  from: { path: '^(packages/[^/]+|credentials|node)/src/' },
  to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
}

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...directions,
    ...thirdPartyDoors,
    platform,
    listed,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    exclude: '^(packages/[^/]+|credentials|node)/dist/',
    enhancedResolveOptions: {
      conditionNames: ['@muniment/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
}
