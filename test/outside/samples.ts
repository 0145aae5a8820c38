import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The files of one folder of the real samples. They are not part of the repository: the variable MUNIMENT_SAMPLES says
 * where they lie, and without it these tests fail.
 */
export function sampleFiles(folder: string, ending: string): readonly string[] {
  const root = process.env['MUNIMENT_SAMPLES']
  if (root === undefined || root === '') {
    throw new TypeError(
      'MUNIMENT_SAMPLES is not set: it names the folder of real export files that this lane reads.',
    )
  }
  const directory = join(root, folder)
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(directory, name))
}
