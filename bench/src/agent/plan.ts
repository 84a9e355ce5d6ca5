/** How long and how often things are measured. */
export type Plan = { warmUpSeconds: number; rounds: number; loadSeconds: number; timeoutMs: number }

export const wholePlan: Plan = { warmUpSeconds: 4, rounds: 11, loadSeconds: 2, timeoutMs: 600_000 }

export const quickPlan: Plan = { warmUpSeconds: 1, rounds: 1, loadSeconds: 2, timeoutMs: 180_000 }
