import type { Stage } from './stage.ts'
import type { Shared } from './story-organisations.ts'

/** placeholder while attacks are written */
export async function triesOfMallory(_stage: Stage, _shared: Shared): Promise<void> {}
