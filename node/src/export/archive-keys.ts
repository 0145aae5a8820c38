import { Encrypter } from 'age-encryption'
import { MunimentError } from '@muniment/interface'
import { MAX_RECIPIENTS, MIN_PASSPHRASE_LENGTH } from './constants.ts'

/** What opens an archive: any of some age keys (`age1…`), or a passphrase. */
export type ArchiveKeys = { readonly recipients: readonly string[] } | { readonly passphrase: string }

/** Encrypts bytes as they are taken. */
export type EncryptArchive = (plain: AsyncIterable<Uint8Array>) => Promise<AsyncIterable<Uint8Array>>

/**
 * Encryption in the age format (age-encryption.org/v1): a passphrase by scrypt with 2^18 rounds, recipients by X25519 or
 * the hybrid with ML-KEM. Throws `ERR_INVALID_ARGUMENT` for what is no age recipient, for none or more than
 * `MAX_RECIPIENTS`, and for a passphrase shorter than `MIN_PASSPHRASE_LENGTH`.
 */
export function archiveEncryption(keys: ArchiveKeys): EncryptArchive {
  const encrypter = new Encrypter()
  if ('passphrase' in keys) {
    if ([...keys.passphrase].length < MIN_PASSPHRASE_LENGTH) {
      throw new MunimentError(
        'ERR_INVALID_ARGUMENT',
        `the passphrase of an archive has ${MIN_PASSPHRASE_LENGTH} characters or more`,
      )
    }
    encrypter.setPassphrase(keys.passphrase)
  } else addRecipients(encrypter, keys.recipients)
  return async (plain) => encrypter.encrypt(streamOf(plain))
}

function addRecipients(encrypter: Encrypter, recipients: readonly string[]): void {
  if (recipients.length < 1 || recipients.length > MAX_RECIPIENTS) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', `an archive opens for 1 to ${MAX_RECIPIENTS} age keys`)
  }
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      // Neither the text nor the library's error is passed on: a person may have pasted the secret key.
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'a recipient is an age public key: age1…')
    }
  }
}

/** Chunks as a stream of the web, read one by one as they are asked for. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
