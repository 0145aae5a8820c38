import { benchSdJwt, describeSdJwt } from './sd-jwt.mjs'
import { benchSync, describeSync } from './sync.mjs'

/** Every bench: a name, what measures, and what makes lines for a person of it. */
export const BENCHES = [
  { name: 'sd-jwt', measure: benchSdJwt, describe: describeSdJwt },
  { name: 'sync', measure: benchSync, describe: describeSync },
]
