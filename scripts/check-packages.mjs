// Checks that every package is fit to be published: publint on each workspace that is not private.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const manifests = globSync('{packages/*,credentials,node}/package.json')
let isFit = true
for (const manifest of manifests) {
  if (JSON.parse(readFileSync(manifest, 'utf8')).private) continue
  const { status } = spawnSync('publint', ['run', dirname(manifest), '--strict'], {
    stdio: 'inherit',
    shell: true,
  })
  isFit &&= status === 0
}
process.exit(isFit ? 0 : 1)
