import { readFile } from 'node:fs/promises'
import { createReader } from '@mooring/onchain/clients'
import type { System } from '@mooring/onchain/contracts'
import { parseDeployment } from '@mooring/onchain/deployment'
import { openKeccak } from '@mooring/onchain/keccak'
import { startServer } from '@mooring/settings/app-server'
import { openDatabase } from '@mooring/store/database'
import { openMonths } from '@mooring/store/ledger/hours'
import type { Clock } from '@mooring/telemetry/clock'
import type { Logger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { ChainFollower } from './chain/chain-follower.ts'
import { readTerms } from './chain/terms.ts'
import { CheckReports } from './checks/check-reports.ts'
import type { BillingConfig } from './config.ts'
import { createEvents } from './events.ts'
import { createApp } from './http/app.ts'
import { serverLimits } from './http/server-limits.ts'
import { startLoops } from './loops.ts'
import { MeterDesk } from './meter/meter-desk.ts'
import { NetworkState } from './network/network-state.ts'
import { takeReport } from './relays/take-report.ts'

export type Billing = AsyncDisposable & {
  /** Where gateways and operators connect. */
  url: string
  stop(signal: string): Promise<void>
}

/** Starts the service, wired by hand. Throws when the database or the chain cannot be used, or the port is taken. */
export async function startBilling(
  config: BillingConfig,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<Billing> {
  const meters = createMeters()
  const events = createEvents(logger, meters)
  const system = await openSystem(config.chain)
  const keccak = await openKeccak()
  const terms = { now: await readTerms(system, clock) }
  events.termsRead(terms.now)
  const database = await openDatabase(config.databaseUrl, {
    connectionsMax: config.databaseConnectionsMax,
  })
  await using undo = new AsyncDisposableStack()
  undo.defer(() => database.close())
  await openMonths(database, clock.wallMs())
  const base = { config, system, database, clock, events }
  const desk = new MeterDesk({ ...base, config: config.meter, terms: () => terms.now })
  const follower = new ChainFollower({ ...base, config: config.chain })
  const reports = new CheckReports({ clock, events })
  const isReady = () =>
    database.sql`select 1`.then(
      () => true,
      () => false,
    )
  const credentials = config.gatewayCredentials
  const reporting = { ...base, keccak, chainEpoch: () => terms.now.epoch }
  const network = new NetworkState({ ...base, config: config.network, keccak })
  const app = createApp({
    ...{ desk, database, reports, meters, events, credentials, isReady, network },
    takeReport: (report) => takeReport(reporting, report),
  })
  const server = startServer(app, { ...config.listen, ...serverLimits })
  undo.defer(() => server.stop())
  follower.start()
  undo.defer(() => follower.stop())
  for (const loop of startLoops({ ...base, desk, follower, reports, terms, keccak, network })) {
    undo.defer(() => loop.stop())
  }

  events.started({ url: server.url })
  const running = undo.move()
  const stop = async (signal: string) => {
    events.stopping(signal)
    await running.disposeAsync()
  }
  return { url: server.url, stop, [Symbol.asyncDispose]: () => stop('disposal') }
}

async function openSystem({ deployment: file, rpcUrl }: BillingConfig['chain']): Promise<System> {
  const deployment = parseDeployment(await readFile(file, 'utf8'))
  const { chainId } = deployment
  const reader = createReader({ url: rpcUrl, chainId })
  const answered = await reader.getChainId()
  if (answered !== chainId) {
    throw new Error(`chain.rpcUrl is a node of chain ${answered}, and the deployment on ${chainId}`)
  }
  return { reader, deployment }
}
