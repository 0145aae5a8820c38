/**
 * The one list of who may import whom. The import rules are generated from it (.dependency-cruiser.cjs), and a test
 * plants an import against it and sees it refused.
 */

/** Rooms from left to right: a room may import what is to its left, never one in the same row. */
const rows = [
  ['packages/interface'],
  ['packages/crypto'],
  ['packages/identity'],
  ['packages/log'],
  ['packages/devices'],
  ['packages/vault', 'packages/sync', 'packages/replicas'],
  ['credentials'],
  ['packages/contract'],
  ['packages/importers'],
  ['node'],
]

/** Rooms that may import less than the row they stand in allows. */
const only = {
  'packages/sync': ['packages/interface', 'packages/crypto', 'packages/log', 'packages/devices'],
  'packages/replicas': ['packages/interface', 'packages/crypto', 'packages/log', 'packages/devices'],
  'packages/compliance': ['packages/interface'],
}

/** Each third-party library has one door: the folders that may import it. */
const doors = {
  libp2p: { modules: '(@libp2p/|libp2p/|@multiformats/)', rooms: ['node/src/network', 'node/src/browser'] },
  level: {
    modules: '(level|classic-level|memory-level|abstract-level)/',
    rooms: ['node/src/store', 'node/src/browser'],
  },
  yjs: { modules: '(yjs|lib0)/', rooms: ['packages/vault'] },
  veramo: { modules: '@veramo/', rooms: ['credentials'] },
  age: { modules: 'age-encryption/', rooms: ['node/src/export'] },
  aws4fetch: { modules: 'aws4fetch/', rooms: ['node/src/replica'] },
  tar: { modules: 'tar-stream/', rooms: ['node/src/export'] },
  'did-resolver': { modules: 'did-resolver/', rooms: ['packages/identity'] },
}

module.exports = { doors, only, rows }
