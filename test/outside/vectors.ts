import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The folder of published test vectors, which are not part of this repository: the variable MUNIMENT_VECTORS. */
export function vectorsFolder(): string {
  const folder = process.env['MUNIMENT_VECTORS']
  if (!folder) throw new Error('Set MUNIMENT_VECTORS to the folder that holds the published test vectors.')
  return folder
}

export function vectorText(...names: readonly string[]): string {
  return readFileSync(join(vectorsFolder(), ...names), 'utf8')
}

export function vectorJson(...names: readonly string[]): unknown {
  return JSON.parse(vectorText(...names))
}

export function vectorYaml(...names: readonly string[]): unknown {
  return parse(vectorText(...names))
}

export function vectorNames(...names: readonly string[]): readonly string[] {
  return readdirSync(join(vectorsFolder(), ...names)).sort()
}
