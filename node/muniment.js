#!/usr/bin/env node
// The committed launcher of the command. npm links it at installing, before anything is built. When an older Node
// starts it, it hands over to the Node 24 that the workspace pins.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isRecent = major > 22 || (major === 22 && minor >= 12)
const main = new URL('./dist/cli/main.js', import.meta.url)

const quit = (sentence) => {
  process.stderr.write(`${sentence}\n`)
  process.exit(3)
}

/** The pinned Node, looked for in every node_modules from here upwards, as a package of the workspace would be. */
function pinnedNode() {
  const program = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const path = fileURLToPath(new URL(`node_modules/node/bin/${program}`, folder))
    if (existsSync(path)) return path
    if (folder.pathname === new URL('..', folder).pathname) return undefined
  }
}

if (!existsSync(main)) quit('muniment is not built yet: run "npm run build" in the project first.')
else if (isRecent) await import(main.href)
else {
  const node = pinnedNode()
  if (!node) quit(`muniment needs Node 22.12 or newer, and this is ${process.versions.node}.`)
  const again = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  process.exit(again.status ?? 3)
}
