import type { ImportReport } from '@muniment/importers'
import type { MunimentErrorCode, RecordDraft } from '@muniment/interface'

/** What the reader of an import is told first. */
export interface ImportOrder {
  readonly type: 'muniment/import/1'
  readonly path: string
}

/** What the reader tells its host. After a `batch` it waits for any answer before it reads on. */
export type FromReader =
  | { readonly type: 'recognised'; readonly format: string }
  | {
      readonly type: 'progress'
      readonly bytes: number
      /** Bytes of memory that the reader holds now. */
      readonly memory: number
    }
  | { readonly type: 'batch'; readonly drafts: readonly RecordDraft[] }
  | { readonly type: 'done'; readonly report: ImportReport }
  | { readonly type: 'failed'; readonly code: MunimentErrorCode; readonly message: string }

/** True for what a host of this version tells a reader first. */
export function isImportOrder(value: unknown): value is ImportOrder {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('path' in value)) return false
  return value.type === 'muniment/import/1' && typeof value.path === 'string'
}
