import { base64url, fromCanonical, toCanonical } from '@muniment/crypto'
import { MunimentError, type Random, type Store, type StoreChange } from '@muniment/interface'
import * as v from 'valibot'
import { type AgreementKeys, agreementKeys } from './agreement.ts'
import { AGREEMENT_KEY_LENGTH, AGREEMENT_SECRET_LENGTH } from './constants.ts'
import { bytesOf } from './schemas.ts'

/** A device's own agreement keys: the one that it has made last, and earlier ones while something still needs them. */
export interface OwnAgreement {
  /** The newest first. */
  keys(): readonly AgreementKeys[]
  /** Makes a pair; durable when it resolves. The earlier ones are kept. */
  renew(): Promise<AgreementKeys>
  /** Deletes the private halves of all but the newest. */
  forgetEarlier(): Promise<void>
}

const TABLE = 'keyring/agreement'

const schema = v.strictObject({
  secret: bytesOf(AGREEMENT_SECRET_LENGTH),
  public: bytesOf(AGREEMENT_KEY_LENGTH),
})

/**
 * Reads a device's agreement keys. The newest is kept wherever the device's keys are, and `changes` says how, so that both
 * are written in one commit; earlier ones are kept here. Throws `ERR_STORE_DAMAGED`.
 */
export async function openOwnAgreement(
  { store, random }: { readonly store: Store; readonly random: Random },
  {
    newest,
    changes,
    kept,
  }: {
    readonly newest: AgreementKeys
    /** The changes that keep a pair as the device's newest. */
    readonly changes: (newest: AgreementKeys) => readonly StoreChange[]
    /** Called once a new pair is kept, to keep it wherever else the device's keys are. */
    readonly kept?: (newest: AgreementKeys) => Promise<void>
  },
): Promise<OwnAgreement> {
  let [first, earlier] = [newest, await readEarlier(store)]
  return {
    keys: () => [first, ...earlier],
    async renew() {
      const fresh = await agreementKeys(random(AGREEMENT_SECRET_LENGTH))
      await store.commit([...changes(fresh), { table: TABLE, key: nameOf(first), value: encoded(first) }])
      earlier = [first, ...earlier]
      first = fresh
      await kept?.(fresh)
      return fresh
    },
    async forgetEarlier() {
      if (earlier.length === 0) return
      await store.commit(earlier.map((pair) => ({ table: TABLE, key: nameOf(pair), value: undefined })))
      earlier = []
    },
  }
}

async function readEarlier(store: Store): Promise<readonly AgreementKeys[]> {
  const pairs: AgreementKeys[] = []
  for await (const { value } of store.listNames(TABLE)) {
    const parsed = v.safeParse(schema, fromCanonical(value))
    if (!parsed.success)
      throw new MunimentError('ERR_STORE_DAMAGED', 'a stored agreement key is not what was written')
    pairs.push({ secretKey: parsed.output.secret, publicKey: parsed.output.public })
  }
  return pairs
}

function encoded({ secretKey, publicKey }: AgreementKeys): Uint8Array {
  return toCanonical({ secret: secretKey, public: publicKey })
}

/** The beginning of a public key names it well enough among a device's own. */
function nameOf({ publicKey }: AgreementKeys): string {
  return base64url(publicKey.subarray(0, 16))
}
