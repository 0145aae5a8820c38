import type { PersonVault } from 'muniment'

/** Everything that a person sees of a vault, to compare two. */
export async function contentOf(vault: Pick<PersonVault, 'records' | 'imports'>): Promise<string> {
  const records: string[] = []
  for await (const { id, title, fields } of vault.records()) records.push(JSON.stringify([id, title, fields]))
  return JSON.stringify([
    records.toSorted(),
    vault.imports().map(({ importId, imported }) => [importId, imported]),
  ])
}
