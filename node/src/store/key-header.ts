import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deriveKey, KEY_LENGTH, open, seal, utf8 } from '@muniment/crypto'
import { type Cryptography, isMunimentError, MunimentError, type Random } from '@muniment/interface'
import { makeFolder, replaceFile } from './durable-files.ts'
import { guarded, mendByTrial, type Mended, unguarded } from './guarded-bytes.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import {
  boundTerms,
  encodeHeader,
  HEADER_FORMAT,
  type HeaderTerms,
  parseHeader,
} from './key-header-format.ts'
import { KEY_PARAMETERS, refuseBadParameters } from './key-parameters.ts'
import { toStoreError } from './store-errors.ts'

const SALT_LENGTH = 16
const KEY_FILE_DOMAIN = 'muniment/key-file/1'

/** What opens a vault: a passphrase in a person's head, or a file. */
export type Unlocking = { readonly passphrase: string } | { readonly keyFile: string }

/** What a key header needs of the platform. */
export interface KeyHeaderComponents {
  readonly cryptography: Cryptography
  readonly random: Random
}

/**
 * Makes a fresh 32-byte root key and writes the header that wraps it; a key file that does not exist is created.
 * Throws `ERR_ALREADY_EXISTS` when there is a header, `ERR_INVALID_ARGUMENT` for an empty passphrase.
 */
export async function createKeyHeader(
  path: string,
  unlocking: Unlocking,
  components: KeyHeaderComponents,
): Promise<Uint8Array> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new MunimentError('ERR_ALREADY_EXISTS', 'there is a key header already')
  const rootKey = components.random(KEY_LENGTH)
  await writeHeader({ path, unlocking, rootKey }, components)
  return rootKey
}

/**
 * Opens the header and gives the root key. Throws `ERR_NO_VAULT` when there is none, `ERR_WRONG_PASSPHRASE` for the
 * wrong passphrase, key file, or kind of either, `ERR_WEAK_KEY_PARAMETERS`, `ERR_STORE_NEWER`, `ERR_STORE_DAMAGED`.
 */
export async function openKeyHeader(
  path: string,
  unlocking: Unlocking,
  components: KeyHeaderComponents,
): Promise<Uint8Array> {
  const header = parseHeader(unguarded(await headerBytes(path), 'the key header'))
  if (header.kind === 'passphrase') refuseBadParameters(header.parameters)
  if ((header.kind === 'passphrase') !== 'passphrase' in unlocking) {
    const other = header.kind === 'passphrase' ? 'a passphrase' : 'a key file'
    throw new MunimentError('ERR_WRONG_PASSPHRASE', `this vault opens with ${other}`)
  }
  const key = await wrappingKey(header, unlocking, components)
  try {
    return open(components.cryptography, key, header.sealed, boundTerms(header))
  } catch (cause) {
    if (!isMunimentError(cause, 'ERR_SEAL_OPEN')) throw cause
    const what = header.kind === 'passphrase' ? 'passphrase' : 'key file'
    throw new MunimentError('ERR_WRONG_PASSPHRASE', `this ${what} does not open the vault`, { cause })
  }
}

/**
 * Sets a flipped bit of a key file right, by trying which one makes it open the header; what was there is kept aside.
 * Throws as {@link openKeyHeader} does for a header that is damaged itself.
 */
export async function mendKeyFile(
  {
    header: path,
    keyFile,
    aside,
  }: { readonly header: string; readonly keyFile: string; readonly aside: string },
  { cryptography }: KeyHeaderComponents,
): Promise<Mended> {
  const header = parseHeader(unguarded(await headerBytes(path), 'the key header'))
  if (header.kind !== 'key-file') return 'missing'
  return mendByTrial(keyFile, aside, (bytes) => {
    try {
      const key = deriveKey(cryptography, bytes, KEY_FILE_DOMAIN)
      return open(cryptography, key, header.sealed, boundTerms(header)).length === KEY_LENGTH
    } catch {
      return false
    }
  })
}

/** Wraps the same root key anew; the header is replaced atomically. Throws as {@link openKeyHeader} does. */
export async function changeUnlocking(
  path: string,
  { from, to }: { readonly from: Unlocking; readonly to: Unlocking },
  components: KeyHeaderComponents,
): Promise<void> {
  const rootKey = await openKeyHeader(path, from, components)
  await writeHeader({ path, unlocking: to, rootKey }, components)
}

async function writeHeader(
  { path, unlocking, rootKey }: { path: string; unlocking: Unlocking; rootKey: Uint8Array },
  components: KeyHeaderComponents,
): Promise<void> {
  const terms: HeaderTerms =
    'passphrase' in unlocking
      ? {
          format: HEADER_FORMAT,
          kind: 'passphrase',
          salt: components.random(SALT_LENGTH),
          parameters: KEY_PARAMETERS,
        }
      : { format: HEADER_FORMAT, kind: 'key-file' }
  if ('keyFile' in unlocking) await createMissingKeyFile(unlocking.keyFile, components.random)
  const key = await wrappingKey(terms, unlocking, components)
  const sealed = seal(components, key, rootKey, boundTerms(terms))
  try {
    await makeFolder(dirname(path))
    await replaceFile(path, guarded(encodeHeader({ ...terms, sealed })))
  } catch (error) {
    throw toStoreError(error)
  }
}

async function wrappingKey(
  terms: HeaderTerms,
  unlocking: Unlocking,
  { cryptography }: KeyHeaderComponents,
): Promise<Uint8Array> {
  if ('keyFile' in unlocking)
    return deriveKey(cryptography, await readKeyFile(unlocking.keyFile), KEY_FILE_DOMAIN)
  if (terms.kind !== 'passphrase' || unlocking.passphrase === '') {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a passphrase has at least one character')
  }
  // One text has several encodings in Unicode, and keyboards differ in which they give (RFC 8265, section 4.2).
  const passphrase = utf8(unlocking.passphrase.normalize('NFC'))
  return cryptography.argon2id(passphrase, terms.salt, terms.parameters)
}

async function createMissingKeyFile(path: string, random: Random): Promise<void> {
  try {
    await createKeyFile(path, random)
  } catch (error) {
    if (!isMunimentError(error, 'ERR_ALREADY_EXISTS')) throw error
  }
}

async function headerBytes(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') {
      throw new MunimentError('ERR_NO_VAULT', 'there is no vault here', { cause: error })
    }
    throw toStoreError(error)
  }
}
