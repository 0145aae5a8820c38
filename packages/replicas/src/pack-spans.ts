import { fromCanonical } from '@muniment/crypto'
import { isMunimentError } from '@muniment/interface'
import type { FramesContent } from './content.ts'
import { joinedSpans, type PackEntry, spanOfFrame } from './pack-entry.ts'

/** True when the pack holds what its entry says. */
export function isTruePack({ spans }: PackEntry, content: FramesContent): boolean {
  const held = spansOfPack(content)
  return held !== undefined && JSON.stringify(held) === JSON.stringify(spans)
}

/** What a pack fills of the logs; `undefined` when something in it is no frame. */
export function spansOfPack({ frames, isProof }: FramesContent): PackEntry['spans'] | undefined {
  if (isProof) return []
  try {
    return joinedSpans(frames.map((bundle) => spanOfFrame(fromCanonical(bundle))))
  } catch (error) {
    if (isMunimentError(error, 'ERR_MALFORMED')) return undefined
    throw error
  }
}
