/** How long and how often things are measured. */
export type Plan = {
  warmUpSeconds: number
  rounds: number
  /** Of one case in one round. */
  loadSeconds: number
  latencyRounds: number
  latencySeconds: number
  memoryAtRequests: readonly { requests: number; name: string }[]
  /** Memory is read at fewer requests when these are over. */
  memorySecondsMax: number
  timeoutMs: number
}

export const wholePlan: Plan = {
  warmUpSeconds: 4,
  rounds: 5,
  loadSeconds: 3,
  latencyRounds: 5,
  latencySeconds: 5,
  memoryAtRequests: [
    { requests: 100_000, name: '100k' },
    { requests: 1_000_000, name: '1M' },
    { requests: 3_000_000, name: '3M' },
  ],
  memorySecondsMax: 400,
  timeoutMs: 1_200_000,
}

export const quickPlan: Plan = {
  warmUpSeconds: 1,
  rounds: 1,
  loadSeconds: 1,
  latencyRounds: 1,
  latencySeconds: 3,
  memoryAtRequests: [
    { requests: 20_000, name: '20k' },
    { requests: 60_000, name: '60k' },
  ],
  memorySecondsMax: 30,
  timeoutMs: 180_000,
}
