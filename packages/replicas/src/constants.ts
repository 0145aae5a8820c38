import { SEAL_OVERHEAD } from '@muniment/crypto'
import { REPLICA_OBJECT_SIZES } from '@muniment/interface'

/** Bytes of a replica's secret, from which its keys come. */
export const SECRET_LENGTH = 32

/** The four bytes that say how much of an object is content, and the byte that ends the padding of a seal. */
const LENGTH_AND_END = 5

/** Bytes of content that an object of each size takes. */
export const CAPACITIES: readonly number[] = REPLICA_OBJECT_SIZES.map(
  (size) => size - SEAL_OVERHEAD - LENGTH_AND_END,
)

/** Bytes of content of the largest object. */
export const MAX_CONTENT: number = Math.max(...CAPACITIES)

/** Names of heads and of the opening begin with this, those of packs never: so heads are found without listing packs. */
export const HEAD_PREFIX = '00'

/** Bytes of a name that depend on the content; the rest show its owner that the name is one of this replica. */
export const NAME_LENGTH = 20
/** Bytes of a name in all. */
export const FULL_NAME_LENGTH = 32

/** Bytes of a pack beside its frames: version, kind, vault, writer. */
export const PACK_OVERHEAD = 256
/** Bytes that one frame takes in a pack beside its own. */
export const FRAME_OVERHEAD = 5

/** Objects on their way at the same time: each takes about three times its size while it is read back. */
export const PARALLEL_TRANSFERS = 4

/** Packs after which an upload writes down how far it came: 32 MiB are sent again at the most after a cut. */
export const CHECKPOINT_PACKS = 16

/** Bytes of entries that a head carries itself; past them they move into an index object. */
export const MAX_INLINE_LENGTH = 4096
/** Bytes of entries in one index object; the rest of its 2 MiB is for names of devices and for error. */
export const MAX_INDEX_LENGTH: number = 3 << 19
/** Bytes of an entry beside its spans, and of each span, at the most. */
export const ENTRY_LENGTH = 48
export const SPAN_LENGTH = 14

/** Names of objects given up that a head goes on naming, so that a head written at the same time cannot bring them back. */
export const MAX_DROPPED = 256

/** Packs that one round of forgetting rewrites: what is to be deleted next must fit in a head. */
export const FORGET_ROUND = 2048

/** Objects looked at to find heads. A storage that brings back more old ones than this is found to be rolled back. */
export const MAX_HEADS = 1024

/** Objects in one listing: four terabytes. A storage that goes on past them means to keep its reader busy for ever. */
export const MAX_LISTED: number = 1 << 21

/** Bytes of a keyring that one object carries. */
export const PART_LENGTH: number = MAX_CONTENT - 1024
/** Objects of one keyring: 16 MiB. */
export const MAX_PARTS = 16

/** Bytes of one sealed copy of the secret: 32 bytes in the smallest bucket of 64, sealed. */
export const OPENING_SLOT = 104
/** Recovery keys that one replica can be opened with: the kit and some sets of guardians. */
export const MAX_OPENINGS = 16

/** Domains of the keys that come from a replica's secret. */
export const ID_DOMAIN = 'muniment/replica-id/1'
export const SEAL_KEY_DOMAIN = 'muniment/replica-seal-key/1'
export const NAME_KEY_DOMAIN = 'muniment/replica-name-key/1'
export const TAG_KEY_DOMAIN = 'muniment/replica-tag-key/1'
/** Domains of what they are used for. */
export const OBJECT_DOMAIN = 'muniment/replica-object/1'
export const NAME_DOMAIN = 'muniment/replica-name/1'
export const TAG_DOMAIN = 'muniment/replica-tag/1'
export const OPENING_DOMAIN = 'muniment/replica-opening/1'
/** Domains of what devices sign. */
export const HEAD_DOMAIN = 'muniment/replica-head/1'
export const ANCHOR_DOMAIN = 'muniment/anchor/1'
/** Domain of the hash of a version vector with the hashes of its heads. */
export const VECTOR_DOMAIN = 'muniment/version-vector/1'
