/** How long and how often things are measured. */
export type Plan = {
  warmUpSeconds: number
  /** Of gateways, for each of what is asked. */
  pairs: number
  /** Of each pair. */
  slices: number
  sliceSeconds: number
  /** Of one number of callers, or of accounts. */
  ledgerSeconds: number
  timeoutMs: number
}

export const wholePlan: Plan = {
  warmUpSeconds: 5,
  pairs: 4,
  slices: 12,
  sliceSeconds: 2,
  ledgerSeconds: 5,
  timeoutMs: 900_000,
}

export const quickPlan: Plan = {
  warmUpSeconds: 1,
  pairs: 1,
  slices: 2,
  sliceSeconds: 1,
  ledgerSeconds: 1,
  timeoutMs: 180_000,
}
