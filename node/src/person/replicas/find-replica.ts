import { MunimentError } from '@muniment/interface'
import type { PersonParts } from '../open-parts.ts'
import { readReplicaEntries, type ReplicaEntry } from './replica-entries.ts'

/** The replica of that name or id. Throws `ERR_NOT_FOUND`, and `ERR_INVALID_ARGUMENT` for a name that two have. */
export async function findReplica({ vault }: PersonParts, which: string): Promise<ReplicaEntry> {
  const entries = await readReplicaEntries(vault)
  const found = entries.filter(({ id, name }) => id === which || name === which)
  const [entry] = found
  if (!entry) throw new MunimentError('ERR_NOT_FOUND', 'there is no replica of that name')
  if (found.length > 1) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'two replicas have that name: say which by its id')
  }
  return entry
}
