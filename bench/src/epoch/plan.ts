/** How large the epoch is that is measured. */
export type Plan = {
  accounts: number
  providers: number
  nodesEach: number
  chains: number
  receipts: number
  /** So many accounts have deposits on the chain, and their charges are applied. */
  depositors: number
  timeoutMs: number
}

export const wholePlan: Plan = {
  accounts: 100_000,
  providers: 500,
  nodesEach: 2,
  chains: 10,
  receipts: 10_000,
  depositors: 400,
  timeoutMs: 600_000,
}

export const quickPlan: Plan = {
  accounts: 5_000,
  providers: 40,
  nodesEach: 2,
  chains: 4,
  receipts: 500,
  depositors: 200,
  timeoutMs: 180_000,
}
