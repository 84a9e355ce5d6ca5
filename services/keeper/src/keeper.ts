import { createReader, createWallet, type Reader } from '@mooring/onchain/clients'
import type { Deployment } from '@mooring/onchain/deployment'
import { openKeccak } from '@mooring/onchain/keccak'
import { createSender } from '@mooring/onchain/send'
import { startServer } from '@mooring/settings/app-server'
import type { Clock } from '@mooring/telemetry/clock'
import type { Logger } from '@mooring/telemetry/logger'
import { startLoop } from '@mooring/telemetry/loop'
import { createMeters } from '@mooring/telemetry/meters'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { Refusals } from './acting.ts'
import { createBillingFiles } from './billing/files.ts'
import { LeftBehind } from './chain/left-behind.ts'
import type { Chore, ChoreParts } from './chore.ts'
import { chargeRootChore } from './chores/charge-root.ts'
import { chargesChore } from './chores/charges.ts'
import { epochChore } from './chores/epoch.ts'
import { feesChore } from './chores/fees.ts'
import { payoutsChore } from './chores/payouts.ts'
import { upkeepChore } from './chores/upkeep.ts'
import type { KeeperConfig } from './config.ts'
import { createEvents } from './events.ts'
import { createAdminApp } from './http/admin-app.ts'
import { Rounds } from './rounds.ts'
import { createPanel } from './verifiers/panel.ts'

export type Keeper = AsyncDisposable & {
  /** For operators. */
  url: string
  stop(signal: string): Promise<void>
}

/** A configuration with the files that it names. */
export type KeeperSettings = { config: KeeperConfig; deployment: Deployment; privateKey: Hex }

/** Between looks for a chore whose time has come. */
const pauseMsMax = 1_000
/** A transaction that is waited for may take minutes: what becomes of it is found by whoever runs next. */
const stopTimeoutMs = 5_000

/** Starts a keeper. Throws where the node is one of another chain, and where the port is taken. */
export async function startKeeper(
  { config, deployment, privateKey }: KeeperSettings,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<Keeper> {
  const meters = createMeters()
  const events = createEvents(logger, meters)
  const { chainId } = deployment
  const { rpcUrl: url, patienceMs, costWeiMax, intervals } = config
  const account = privateKeyToAccount(privateKey)
  const { address } = account
  const reader = createReader({ url, chainId })
  await assertChain(reader, chainId)
  const wallet = createWallet({ url, chainId }, account)
  const system = { reader, deployment }
  const panel = createPanel({ system, urls: config.verifiers, events })
  const parts: ChoreParts = {
    ...{ config, system, panel, keccak: await openKeccak() },
    files: createBillingFiles(config.billingUrl),
  }
  const rounds = new Rounds({
    ...{ clock, events, costWeiMax, patienceMs, backoffMsMax: intervals.backoffMsMax },
    ...{ refusals: new Refusals(), readBalanceWei: () => reader.getBalance({ address }) },
    sender: createSender({ reader, wallet, patienceMs }),
    leftBehind: new LeftBehind({ reader, wallet, clock, events, patienceMs, costWeiMax }),
    chores: choresOf(parts),
  })
  const admin = createAdminApp({
    ...{ meters, isReady: () => rounds.isAnswered },
    report: () => ({ address, chores: rounds.all() }),
  })
  const server = startServer(admin, {
    ...{ ...config.listen, bodyBytesMax: 1_024 },
    broken: { contentType: 'application/json', body: '{"error":"something broke here"}' },
  })
  const loop = startLoop({
    ...{ clock, pauseMs: Math.min(pauseMsMax, intervals.chargesMs) },
    round: (signal) => rounds.round(signal),
    onError: (error) => events.broke('rounds', error),
  })
  events.started({ url: server.url, address })
  const stop = async (signal: string) => {
    events.stopping(signal)
    const late = new AbortController()
    await Promise.race([loop.stop(), clock.sleep(stopTimeoutMs, late.signal)])
    late.abort()
    await server.stop()
  }
  return { url: server.url, stop, [Symbol.asyncDispose]: () => stop('disposal') }
}

/** In the order of the money's way, so that what one has done is there for the next. */
function choresOf(parts: ChoreParts): Chore[] {
  return [
    ...[chargesChore(parts, 'ankr'), chargesChore(parts, 'usd')],
    ...[chargeRootChore(parts, 'ankr'), chargeRootChore(parts, 'usd')],
    ...[feesChore(parts), payoutsChore(parts), epochChore(parts), upkeepChore(parts)],
  ]
}

/** A node that does not answer yet is waited for; one of another chain never becomes the right one. */
async function assertChain(reader: Reader, chainId: number): Promise<void> {
  const answered = await reader.getChainId().catch(() => chainId)
  if (answered === chainId) return
  throw new Error(`rpcUrl is a node of chain ${answered}, and the deployment on ${chainId}`)
}
