/** How long and how often things are measured. */
export type Plan = {
  warmUpSeconds: number
  rounds: number
  /** Of one case in one round. */
  loadSeconds: number
  /** Of one number of callers, or of accounts. */
  ledgerSeconds: number
  timeoutMs: number
}

export const wholePlan: Plan = {
  warmUpSeconds: 4,
  rounds: 9,
  loadSeconds: 2,
  ledgerSeconds: 5,
  timeoutMs: 600_000,
}

export const quickPlan: Plan = {
  warmUpSeconds: 1,
  rounds: 1,
  loadSeconds: 1,
  ledgerSeconds: 1,
  timeoutMs: 180_000,
}
