/** Memory of the import worker in MB: 192 for old objects, 48 for young ones, 8 for code; 256 with its stack (T10). */
export const WORKER_MEMORY: {
  readonly maxOldGenerationSizeMb: number
  readonly maxYoungGenerationSizeMb: number
  readonly codeRangeSizeMb: number
  readonly stackSizeMb: number
} = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 48, codeRangeSizeMb: 8, stackSizeMb: 4 }

/** Milliseconds without progress after which an import is ended: 64 KiB of any bank's file parse in some ten. */
export const STALL_TIMEOUT = 10_000

/** Bytes that the worker reads at a time. */
export const READ_LENGTH = 65_536

/** Records handed over at a time, so that a batch is copied in about a millisecond. */
export const BATCH_LENGTH = 250
