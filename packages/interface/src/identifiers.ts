/** A vault, everywhere: base64url of the SHA-256 of its first roster operation (43 characters). */
export type VaultId = string

/** A device of a vault: base64url of its Ed25519 public signing key (43 characters). */
export type DeviceId = string

/** A libp2p peer id in its text form. A device's transport key is never its signing key. */
export type PeerId = string

/** An epoch: base64url of the SHA-256 of its roster heads (43 characters), protocol rule 4. */
export type EpochId = string

/** A data key of the keyring: base64url of 16 random bytes (22 characters). It names the key and tells nothing of it. */
export type KeyId = string

/** A decentralized identifier (W3C DID Core 1.0, section 3.1). */
export type Did = string

/** Milliseconds since the Unix epoch. Wall time orders nothing in the log; it is only shown, or compared with skew. */
export type Milliseconds = number

/** How far each device's log is known: device to the number of its last entry (the first entry is number 1). */
export type VersionVector = Readonly<Record<DeviceId, number>>
