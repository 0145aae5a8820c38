import { readFile, writeFile } from 'node:fs/promises'
import { deriveKey, fromCanonical, open, seal, toCanonical, utf8 } from '@muniment/crypto'
import { array, number, strictObject, string, parse } from 'valibot'
import { OWNER_ONLY } from './durable-files.ts'
import type { ClosedFiles } from './level-files/check-level-files.ts'
import type { SealedStoreInit } from './sealed-store.ts'

const DOMAIN = 'muniment/store-closed/1'

const closedSchema = strictObject({
  manifest: string(),
  manifestBytes: number(),
  logs: array(strictObject({ name: string(), bytes: number() })),
})

/** Remembers, sealed, how the files were left. It need not survive power loss: without it less is checked. */
export async function writeClosedMark(
  path: string,
  closed: ClosedFiles,
  init: SealedStoreInit,
): Promise<void> {
  const bytes = toCanonical({ ...closed, logs: closed.logs.map((log) => ({ ...log })) })
  await writeFile(path, seal(init, markKey(init), bytes, utf8(DOMAIN)), { mode: OWNER_ONLY })
}

/** What was remembered, or `undefined` when there is nothing or nothing that opens. */
export async function readClosedMark(path: string, init: SealedStoreInit): Promise<ClosedFiles | undefined> {
  try {
    return parse(
      closedSchema,
      fromCanonical(open(init.cryptography, markKey(init), await readFile(path), utf8(DOMAIN))),
    )
  } catch {
    return undefined
  }
}

function markKey({ cryptography, key }: SealedStoreInit): Uint8Array {
  return deriveKey(cryptography, key, DOMAIN)
}
