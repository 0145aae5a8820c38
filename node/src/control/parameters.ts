import { MunimentError } from '@muniment/interface'
import type { JsonObject } from './actions.ts'
import { isJsonObject } from './lines.ts'

/** A text parameter; throws `ERR_USAGE` when it is missing. */
export function text(parameters: JsonObject, name: string): string {
  const value = parameters[name]
  if (typeof value === 'string') return value
  throw new MunimentError('ERR_USAGE', `${name} is needed`)
}

/** A text parameter, or `undefined`. */
export function optionalText(parameters: JsonObject, name: string): string | undefined {
  return parameters[name] === undefined || parameters[name] === null ? undefined : text(parameters, name)
}

/** A whole number parameter, or `undefined`. */
export function optionalNumber(parameters: JsonObject, name: string): number | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new MunimentError('ERR_USAGE', `${name} is a whole number`)
}

/** A list of texts; empty when it is missing. */
export function texts(parameters: JsonObject, name: string): readonly string[] {
  const value = parameters[name]
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new MunimentError('ERR_USAGE', `${name} is a list of texts`)
}

/** A JSON object parameter; throws `ERR_USAGE`. */
export function object(parameters: JsonObject, name: string): JsonObject {
  const value = parameters[name]
  if (isJsonObject(value)) return value
  throw new MunimentError('ERR_USAGE', `${name} is a JSON object`)
}
