import { startServer } from '@mooring/settings/app-server'
import { holdDirectory } from '@mooring/settings/held-directory'
import type { Logger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { serverLimits } from '../http/server-limits.ts'
import { createApp } from './app.ts'
import type { WitnessConfig } from './config.ts'
import { Copies } from './copies.ts'
import { createEvents } from './events.ts'

export type Witness = AsyncDisposable & {
  /** Where gateways and the billing service connect. */
  url: string
  stop(signal: string): Promise<void>
}

/** Starts a witness. Throws `UnusableDirectory`, and where the port is taken. */
export async function startWitness(
  config: WitnessConfig,
  { logger }: { logger: Logger },
): Promise<Witness> {
  const meters = createMeters()
  const events = createEvents(logger, meters)
  await using undo = new AsyncDisposableStack()
  undo.defer(holdDirectory(config.directory, 'directory'))
  const copies = await Copies.open(config.directory, config)
  const { credentials } = config
  const server = startServer(createApp({ copies, meters, events, credentials }), {
    ...config.listen,
    ...serverLimits,
  })
  undo.defer(() => server.stop())
  events.started({ url: server.url })
  const running = undo.move()
  const stop = async (signal: string) => {
    events.stopping(signal)
    await running.disposeAsync()
  }
  return { url: server.url, stop, [Symbol.asyncDispose]: () => stop('disposal') }
}
