/** The type of our transaction data (OpenID4VP 1.0, section 8.4). Its version changes when a term's meaning does. */
export const CONTRACT_TYPE = 'muniment-contract/1'
/** The type of a signed request object (RFC 9101, section 10.8). */
export const OFFER_JWS_TYPE = 'oauth-authz-req+jwt'
/** The type of an organisation's countersigned receipt. */
export const RECEIPT_JWS_TYPE = 'muniment-receipt+jwt'
/** Before a DID in `client_id` (OpenID4VP 1.0, section 5.9.3). */
export const CLIENT_ID_PREFIX = 'decentralized_identifier:'
/** The audience of a request object whose reader is not known beforehand (OpenID4VP 1.0, section 5.8). */
export const OFFER_AUDIENCE = 'https://self-issued.me/v2'
/** How the answer travels: over a channel dialled by the holder, not to a web address. */
export const RESPONSE_MODE = 'muniment_channel'

/** Seconds by which the clocks of two parties may differ. */
export const CLOCK_SKEW_SECONDS = 60
/** An offer lives 90 days at the most, so that a forgotten one binds nobody for ever. */
export const MAX_OFFER_LIFE_SECONDS: number = 90 * 24 * 3600
/** An offer lives this long unless its maker says otherwise. */
export const DEFAULT_OFFER_LIFE_SECONDS: number = 24 * 3600

/** The longest offer that is read: two sets of terms in two languages, once for each of 8 credentials. */
export const MAX_OFFER_LENGTH: number = 256 * 1024
/** The longest answer that is read: 16 presentations with a picture in one of them. */
export const MAX_ANSWER_LENGTH: number = 1024 * 1024
/** The longest of the other messages. */
export const MAX_MESSAGE_LENGTH: number = 32 * 1024
/** The longest receipt. */
export const MAX_RECEIPT_LENGTH: number = 16 * 1024
/** The longest ledger entry: an answer with its header. */
export const MAX_LEDGER_ENTRY_LENGTH: number = MAX_ANSWER_LENGTH + 16 * 1024

/** Credentials that one set of terms asks for, at the most: a person has to read them. */
export const MAX_CREDENTIALS = 8
/** Claims asked of one credential, at the most. */
export const MAX_CLAIMS = 32
/** Optional claims of one credential: DCQL lists every combination, and 2^5 is as many as a wallet should try. */
export const MAX_OPTIONAL_CLAIMS = 5
/** Third parties named in one set of terms, at the most. */
export const MAX_THIRD_PARTIES = 16
/** The longest text that a person is shown in one place, in UTF-16 code units. */
export const MAX_TEXT = 500
/** A retention of a hundred years stands for "as long as the law allows"; more is not a number of days. */
export const MAX_RETENTION_DAYS = 36_525
/** Addresses in an offer or a link. */
export const MAX_ADDRESSES = 8

/** The protocol by which a holder asks for an offer. */
export const REQUEST_PROTOCOL = '/muniment/request/1'
/** The protocol by which a holder claims the turn to deliver. */
export const CLAIM_PROTOCOL = '/muniment/claim/1'
/** The protocol by which a holder delivers and gets the receipt. */
export const ANSWER_PROTOCOL = '/muniment/answer/1'
/** The protocol by which a holder declines. */
export const DECLINE_PROTOCOL = '/muniment/decline/1'
