/** The name of the one shard that holds small synced values. No segment can have it: it is no base64url of 16 bytes. */
export const SETTINGS_SHARD = 'settings'
