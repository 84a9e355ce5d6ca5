import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { firstDepositMin, oneAnkr } from '@mooring/testkit/economy/deposit-chain'

/** What breaks, and what follows. */
export const breakNames = [
  /** A gateway is killed, and started on its directory. */
  'gatewayKill',
  /** Another gateway begins under the name of one that runs, with a directory of its own; the older one is stopped. */
  'zombieStop',
  /** The same, and the older one is killed: its log is told when all is over. */
  'zombieKill',
  'billingKill',
  'postgresKill',
  /** All connections to the database are cut. */
  'connectionsCut',
  /** Nobody keeps the ledger for a while. */
  'ledgerAway',
] as const
export type BreakName = (typeof breakNames)[number]

/** At which time from the start of the load what breaks; gateways and ledger break beside each other. */
export type Step = { atMs: number; name: BreakName }

export type Plan = {
  seed: number
  gateways: number
  accounts: number
  /** Of them, those that have little left. */
  starved: number
  /** How many requests a starved account can pay for, at the most and the least. */
  starvedRequests: readonly [number, number]
  /** ANKR that each account deposits. */
  depositTokens: bigint
  /** Of each account to each gateway. */
  connectionsEach: number
  /** The load ends when so many were sent and so much time is over, but not before the last step. */
  requests: number
  secondsMin: number
  /** And when this is over in any case. */
  secondsMax: number
  awayMs: number
  /** As the billing service tells gateways, and how much longer it waits for a silent one. */
  leaseMs: number
  graceMs: number
  /** At random: how long each gateway, and the ledger, is left alone. */
  steps: readonly Step[] | { everyMs: readonly [number, number] }
}

/** What everybody asks for, again and again. */
export const method = 'eth_getBlockByNumber'
export const price = createPricing(newestTable.table).priceOf({
  ...{ family: 'evm', method, transport: 'http' },
})
/** At three cents, at ten million credits for a dollar and a tenth more. */
const creditsPerAnkr = 330_000n

/** Tokens that a starved account keeps, so that they pay for about as many requests as the plan says. */
export function leftTokens({ starved, starvedRequests: [least, most] }: Plan, at: number): bigint {
  const requests = least + Math.floor(((most - least) * at) / Math.max(1, starved - 1))
  return (oneAnkr * BigInt(requests * price)) / creditsPerAnkr
}

export const wholePlan: Plan = {
  seed: 1,
  gateways: 3,
  accounts: 30,
  starved: 6,
  starvedRequests: [40, 4_000],
  depositTokens: firstDepositMin,
  connectionsEach: 1,
  requests: 1_000_000,
  secondsMin: 180,
  secondsMax: 900,
  awayMs: 60_000,
  leaseMs: 30_000,
  graceMs: 30_000,
  steps: { everyMs: [3_000, 12_000] },
}

/** One of each kind, at fixed moments. */
export const shortPlan: Plan = {
  ...wholePlan,
  accounts: 6,
  starved: 2,
  starvedRequests: [8, 16],
  requests: 0,
  secondsMin: 0,
  secondsMax: 15,
  awayMs: 300,
  leaseMs: 3_000,
  graceMs: 10_000,
  steps: [
    { atMs: 500, name: 'gatewayKill' },
    { atMs: 700, name: 'connectionsCut' },
    { atMs: 1_000, name: 'zombieKill' },
    { atMs: 1_100, name: 'billingKill' },
    { atMs: 1_600, name: 'postgresKill' },
  ],
}
