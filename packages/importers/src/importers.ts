import { camtImporter } from './camt/camt-importer.ts'
import type { Importer } from './importer.ts'
import { ofxImporter } from './ofx/ofx-importer.ts'

/** A format that was recognised, and who reads it. */
export interface Recognised {
  readonly importer: Importer
  /** The exact format, e.g. `camt.053`. */
  readonly format: string
}

/** Every format that can be imported. */
export interface Importers {
  readonly all: readonly Importer[]
  /**
   * Who reads this file, told by the content of its first bytes ({@link HEAD_BYTES} are enough); `undefined` when
   * nobody does. The name of the file is a hint that decides nothing.
   */
  sniff(head: Uint8Array, fileName: string): Recognised | undefined
}

const all: readonly Importer[] = [ofxImporter, camtImporter]

/** The registry of formats: OFX and QFX; CAMT.052, 053 and 054. */
export const importers: Importers = {
  all,
  sniff(head, fileName) {
    for (const importer of all) {
      const format = importer.sniff(head, fileName)
      if (format !== undefined) return { importer, format }
    }
    return undefined
  },
}
