import type { PostAnswer, PostRefusal, PostRequest } from '@mooring/protocol/metering/wire'
import { ensureAccount } from '@mooring/store/accounts'
import type { Database } from '@mooring/store/database'
import { saveFinding, tellDeposit } from '@mooring/store/deposits'
import { systemClock } from '@mooring/telemetry/clock'
import { type Billing, startBilling } from './billing.ts'
import { type BillingConfigFile, configSchema } from './config.ts'

export const credential = 'a-gateway-credential-of-32-characters'

export const silentLogger = {
  isDebug: false,
  debug() {},
  info() {},
  warn() {},
  error() {},
}

/** The service with short pauses. */
export function startForTest(
  config: Pick<BillingConfigFile, 'databaseUrl' | 'chain'> & Partial<BillingConfigFile>,
): Promise<Billing> {
  const whole = configSchema.parse({
    listen: { port: 0 },
    gatewayCredentials: [credential],
    ...{ creditIntervalMs: 50, chargesIntervalMs: 100 },
    epochs: { intervalMs: 100 },
    checks: { booksIntervalMs: 100, usageIntervalMs: 100, mirrorIntervalMs: 100 },
    ...config,
    chain: { pollIntervalMs: 20, termsIntervalMs: 200, tellIntervalMs: 100, ...config.chain },
  })
  return startBilling(whole, { clock: systemClock, logger: silentLogger })
}

export async function ask<T>(
  url: string,
  path: string,
  { body, token = credential }: { body?: unknown; token?: string } = {},
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}

/** A gateway as the service sees it. */
export async function beginAs(url: string, instance: string) {
  const begun = await ask<{ epoch: number; leaseMs: number }>(url, '/v1/meter/begin', {
    body: { instance },
  })
  const { epoch } = begun.body
  let number = 0
  return {
    epoch,
    post: async (changes: Partial<PostRequest>) => {
      const none = { from: 1, to: 0, usage: [], leases: [], closes: false }
      const request = { instance, epoch, number: ++number, ...none }
      const answer = await ask<PostAnswer | PostRefusal>(url, '/v1/meter/post', {
        body: { ...request, ...changes },
      })
      if ('error' in answer.body) throw new Error(JSON.stringify(answer.body))
      return answer.body
    },
  }
}

export type AttestedDeposit = {
  account: string
  chainId: number
  transactionHash: string
  logIndex: number
  amount: bigint
  blockNumber: bigint
  blockHash: string
}

/** Writes what the accounts service writes once verifiers have attested a deposit. */
export async function attest(
  database: Database,
  deposit: AttestedDeposit,
  state: 'attested-capped' | 'final' | 'orphaned',
): Promise<void> {
  const { account, chainId, transactionHash, logIndex, amount } = deposit
  const place = { chainId, transactionHash, logIndex }
  const { sql } = database
  await ensureAccount(database, account, Date.now())
  const told = await tellDeposit(sql, account, { place, nowMs: Date.now() })
  if (told === undefined) throw new Error('the deposit was not taken')
  const credited = { 'attested-capped': amount / 10n, final: amount, orphaned: 0n }[state]
  const finding = {
    ...{ state, credited, amount, asset: 'ankr' as const, life: 0, refusal: null },
    ...{ confirmations: null, confirmationsNeeded: null },
    blockNumber: Number(deposit.blockNumber),
    blockHash: deposit.blockHash as `0x${string}`,
  }
  await saveFinding(sql, told, { finding, nextCheckAtMs: null })
}

/** Asks until the answer is good, for what happens by itself. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 45_000,
): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await Bun.sleep(25)
  }
}
