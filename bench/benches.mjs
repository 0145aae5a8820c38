import { benchSdJwt, describeSdJwt } from './sd-jwt.mjs'

/** Every bench: a name, what measures, and what makes lines for a person of it. */
export const BENCHES = [{ name: 'sd-jwt', measure: benchSdJwt, describe: describeSdJwt }]
