import type { PersonVault } from 'muniment'

/** The records that a person sees, each as one text. */
export async function recordsOf(vault: Pick<PersonVault, 'records'>): Promise<string[]> {
  const records: string[] = []
  for await (const { id, title, fields } of vault.records()) records.push(JSON.stringify([id, title, fields]))
  return records.toSorted()
}

/** Everything that a person sees of a vault, to compare two. */
export async function contentOf(vault: Pick<PersonVault, 'records' | 'imports'>): Promise<string> {
  const imports = vault.imports().map(({ importId, imported }) => [importId, imported])
  return JSON.stringify([await recordsOf(vault), imports])
}
