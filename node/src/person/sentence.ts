import type { Problem } from '@muniment/interface'

/** The reasons of a "no" as one text. */
export function sentence(problems: readonly Problem[]): string {
  return problems.map(({ message }) => message).join(' ')
}
