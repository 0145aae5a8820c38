/** Bytes of memory that the reader of an import may ever hold, all together (T10); past that it is killed. */
export const MAX_MEMORY: number = 256 * 1024 * 1024

/** Milliseconds between two looks at the reader's memory from outside. */
export const MEMORY_INTERVAL = 50

/**
 * What V8 may hold in the reader, in MB: at this it ends itself, so that a fast eater is stopped between two looks.
 * Node itself takes some 60 more.
 */
export const HEAP: { readonly old: number; readonly semiSpace: number } = { old: 112, semiSpace: 8 }

/** Milliseconds without progress after which an import is ended: 64 KiB of any bank's file parse in some ten. */
export const STALL_TIMEOUT = 10_000

/** Milliseconds that each MiB of a file may take altogether, beside {@link STALL_TIMEOUT} for the first. */
export const TIME_PER_MEBIBYTE = 2000

/** Bytes that the reader reads at a time. */
export const READ_LENGTH = 65_536

/** Records handed over at a time, so that a batch is copied in about a millisecond. */
export const BATCH_LENGTH = 250
