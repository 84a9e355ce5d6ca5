import type { ContractError } from './contract-errors.ts'

/**
 * What the contracts would answer with a revert. Which of several broken conditions a contract names first
 * is no part of the model, so all that were looked at together are kept.
 */
export class Refused extends Error {
  readonly names: readonly ContractError[]

  constructor(names: readonly ContractError[]) {
    super(names.join(' or '))
    this.name = 'Refused'
    this.names = names
  }
}

export type Problems = Partial<Record<ContractError, boolean>>

/** Refuses with every error whose condition holds. */
export function refuseIf(problems: Problems): void {
  // The keys of a literal record are the keys of its type.
  const names = (Object.keys(problems) as ContractError[]).filter((name) => problems[name])
  if (names.length > 0) throw new Refused(names)
}

/** A thing that must be there, or the error that says it is not. */
export function known<T>(found: T | undefined, error: ContractError): T {
  if (found === undefined) throw new Refused([error])
  return found
}
