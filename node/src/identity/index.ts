/**
 * How this platform reads identifiers that lie on the web: the port of `@muniment/identity` filled in with HTTPS.
 *
 * @example
 * ```ts
 * import { createResolver } from '@muniment/identity'
 * import { nodeClock, nodeCryptography } from 'muniment/platform'
 * import { httpsFetchJson } from './fetch-json.ts'
 *
 * createResolver({ cryptography: nodeCryptography, clock: nodeClock, fetchJson: httpsFetchJson() })
 * ```
 * @packageDocumentation
 */
export { httpsFetchJson, type HttpsFetchInit } from './fetch-json.ts'
export { isPublicAddress } from './public-address.ts'
