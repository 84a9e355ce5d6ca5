import { startServer } from '@mooring/settings/app-server'
import { openDatabase } from '@mooring/store/database'
import { describeEnd } from '@mooring/store/embedded/child'
import { startOwnPostgres } from '@mooring/store/embedded/own-postgres'
import type { Clock } from '@mooring/telemetry/clock'
import type { Logger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { startAlertWatch } from './alerts/watch.ts'
import { openAttestors } from './attestors.ts'
import type { AccountsConfig } from './config.ts'
import { createEvents } from './events.ts'
import { createGatewayApp } from './gateways/app.ts'
import { startChangeFeed } from './gateways/change-feed.ts'
import { serverLimits } from './http/problems.ts'
import { createPublicApp } from './http/public.ts'
import { startLoops } from './loops.ts'

export type Accounts = AsyncDisposable & {
  /** Where people and their programs connect. */
  url: string
  /** Where gateways connect. */
  gatewayUrl: string
  stop(signal: string): Promise<void>
}

export type AccountsParts = {
  clock: Clock
  logger: Logger
  /** Hears why the service cannot go on, when it has lost a database of its own. */
  onLost: (what: string) => void
}

/** Starts the service, wired by hand. Throws when the database cannot be used or a port is taken. */
export async function startAccounts(
  config: AccountsConfig,
  { clock, logger, onLost }: AccountsParts,
): Promise<Accounts> {
  const meters = createMeters()
  const events = createEvents(logger, meters)
  await using undo = new AsyncDisposableStack()
  const databaseUrl = config.databaseUrl ?? (await startOwn(config.dataFolder, { undo, onLost }))
  const database = await openDatabase(databaseUrl, {
    connectionsMax: config.databaseConnectionsMax,
  })
  undo.defer(() => database.close())
  const feed = await startChangeFeed(database)
  undo.defer(() => feed.stop())

  // The document names where it is served, which is known when it is.
  let url = ''
  const origin = () => new URL(config.signIn.publicUrl ?? url).origin
  const attestors = await openAttestors(config, clock)
  const parts = { config, database, clock, events, origin, ...attestors }
  const publicServer = startServer(createPublicApp(parts), { ...config.listen, ...serverLimits })
  undo.defer(() => publicServer.stop())
  url = publicServer.url
  const credentials = config.gatewayCredentials
  const gatewayApp = createGatewayApp({ database, clock, events, meters, feed, credentials })
  const gatewayServer = startServer(gatewayApp, { ...config.gatewayListen, ...serverLimits })
  undo.defer(() => gatewayServer.stop())
  const loops = startLoops(parts)
  if (config.alerts) loops.push(await startAlertWatch({ ...parts, config: config.alerts }))
  for (const loop of loops) undo.defer(() => loop.stop())

  events.started({ url, gatewayUrl: gatewayServer.url })
  const running = undo.move()
  const stop = async (signal: string) => {
    events.stopping(signal)
    feed.release()
    await running.disposeAsync()
  }
  return { url, gatewayUrl: gatewayServer.url, stop, [Symbol.asyncDispose]: () => stop('disposal') }
}

/** A PostgreSQL that starts and stops with the service. @returns Its URL. */
async function startOwn(
  folder: string,
  { undo, onLost }: { undo: AsyncDisposableStack; onLost: (what: string) => void },
): Promise<string> {
  const postgres = await startOwnPostgres(folder)
  let isStopping = false
  undo.defer(async () => {
    isStopping = true
    await postgres.stop()
  })
  void postgres.ended.then((end) => {
    if (!isStopping) onLost(`the PostgreSQL in ${folder} ended with ${describeEnd(end)}`)
  })
  return postgres.url
}
