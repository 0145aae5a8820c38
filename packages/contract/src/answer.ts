import type { Did } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_CLAIMS, MAX_CREDENTIALS, MAX_RETENTION_DAYS, MAX_THIRD_PARTIES } from './constants.ts'
import { didSchema, hashTextSchema, idSchema, parseAs, wholeSchema } from './schemas.ts'

/** How an answer narrows the terms it accepts. Absent members leave a term as it was offered. */
export type Narrowing = {
  /** Optional claims that are not given. */
  readonly without?: readonly { readonly credential: string; readonly claim: string }[]
  /** Fewer days of keeping. */
  readonly keptDays?: number
  /** Third parties, by id, that get nothing. */
  readonly struckThirdParties?: readonly string[]
}

/**
 * The answer to an offer, as it rides in each key-binding JWT under `contract_answer` (protocol rule 15). It says what
 * is changed and nothing else, so that there is one way to write it. (A type and not an interface, so that it is JSON to
 * the engine that signs it.)
 */
export type ContractAnswer = {
  readonly v: 1
  /** The hash of the offer it answers. */
  readonly offer: string
  readonly choice: 'offer' | 'alternative'
  /** The relationship's DID, short form. */
  readonly relationship: Did
  readonly narrowing?: Narrowing
}

const answerSchema: v.GenericSchema<unknown, ContractAnswer> = v.strictObject({
  v: v.literal(1),
  offer: hashTextSchema,
  choice: v.picklist(['offer', 'alternative']),
  relationship: didSchema,
  narrowing: v.exactOptional(
    v.strictObject({
      without: v.exactOptional(
        v.pipe(
          v.array(v.strictObject({ credential: idSchema, claim: idSchema })),
          v.minLength(1),
          v.maxLength(MAX_CLAIMS * MAX_CREDENTIALS),
        ),
      ),
      keptDays: v.exactOptional(wholeSchema(0, MAX_RETENTION_DAYS)),
      struckThirdParties: v.exactOptional(
        v.pipe(v.array(idSchema), v.minLength(1), v.maxLength(MAX_THIRD_PARTIES)),
      ),
    }),
  ),
})

/** Parses a `contract_answer`; throws `ERR_MALFORMED`, also for members that are not known. */
export function parseAnswer(value: unknown): ContractAnswer {
  return parseAs(answerSchema, value, 'an answer to an offer')
}

/** Accepts an offer, or its alternative, as it stands or narrowed. Whether it may be so is for `agree` to say. */
export function acceptOffer(
  offer: { readonly hash: string },
  {
    choice = 'offer',
    relationship,
    narrowing,
  }: {
    readonly relationship: Did
    readonly choice?: ContractAnswer['choice']
    readonly narrowing?: Narrowing
  },
): ContractAnswer {
  return parseAnswer({
    v: 1,
    offer: offer.hash,
    choice,
    relationship,
    ...(narrowing && Object.keys(narrowing).length > 0 && { narrowing }),
  })
}
