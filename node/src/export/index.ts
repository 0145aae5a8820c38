/**
 * Leaving with everything: a vault as open files, in one archive that the program `age` opens.
 *
 * @example
 * ```ts
 * import { createVault } from 'muniment'
 * import { exportVault } from './export-vault.ts'
 *
 * const vault = await createVault({ folder: `${folder}/laptop`, name: 'Laptop' })
 * await vault.note('Car insurance')
 * const recipients = ['age1qy6mjyzn3js42e94d8kk74mnf2q6qu25ht3lgj3vszhm3r86xpvsr5ytm9']
 * const report = await exportVault(vault, `${folder}/vault.tar.age`, { keys: { recipients } })
 * console.log(report.records) // 1
 * await vault.close()
 * ```
 * @packageDocumentation
 */
export type { ArchiveKeys } from './archive-keys.ts'
export { type ExportProgress, type ExportReport, type ExportSettings, exportVault } from './export-vault.ts'
export type { ExportedVault } from './vault-files.ts'
