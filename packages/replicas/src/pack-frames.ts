import type { LogFrame } from '@muniment/log'
import { CAPACITIES, FRAME_OVERHEAD, PACK_OVERHEAD } from './constants.ts'

/** Frames for one pack, and the index of its size. */
export interface PackedFrames {
  readonly frames: readonly LogFrame[]
  readonly size: number
}

const LARGEST = CAPACITIES.length - 1

/**
 * Puts frames into packs in order: the largest packs as long as they fill, then for the rest always the largest that is
 * filled by half, so that a pack of any size says little about what is in it and little room is wasted.
 */
export async function* packFrames(frames: AsyncIterable<LogFrame>): AsyncGenerator<PackedFrames> {
  let waiting: LogFrame[] = []
  let length = 0
  for await (const frame of frames) {
    waiting.push(frame)
    length += lengthIn(frame)
    if (length <= roomOf(LARGEST)) continue
    const taken = firstThatFit(waiting, LARGEST)
    yield { frames: waiting.slice(0, taken), size: LARGEST }
    waiting = waiting.slice(taken)
    length = lengthOf(waiting)
  }
  while (waiting.length > 0) {
    const size = sizeForRest(waiting)
    const taken = firstThatFit(waiting, size)
    yield { frames: waiting.slice(0, taken), size }
    waiting = waiting.slice(taken)
  }
}

/** The largest size that what is left fills by half; a larger one where the next frame does not fit. */
function sizeForRest(waiting: readonly LogFrame[]): number {
  const length = lengthOf(waiting)
  let size = LARGEST
  while (size > 0 && length < roomOf(size) / 2) size--
  while (size < LARGEST && firstThatFit(waiting, size) === 0) size++
  return size
}

function firstThatFit(frames: readonly LogFrame[], size: number): number {
  let length = 0
  for (const [index, frame] of frames.entries()) {
    length += lengthIn(frame)
    if (length > roomOf(size)) return index
  }
  return frames.length
}

function lengthOf(frames: readonly LogFrame[]): number {
  return frames.reduce((sum, frame) => sum + lengthIn(frame), 0)
}

function lengthIn({ bundle }: LogFrame): number {
  return bundle.length + FRAME_OVERHEAD
}

function roomOf(size: number): number {
  return (CAPACITIES[size] ?? 0) - PACK_OVERHEAD
}
