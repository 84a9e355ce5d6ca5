import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import { systemClock } from '@mooring/telemetry/clock'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import { freePort } from '@mooring/testkit/ports'

const askTimeoutMs = 2_000
const lookPauseMs = 50

export type SlotOptions = {
  /** The name of the instance. */
  name: string
  folder: string
  config: object
  billing: { url: string; credential: string }
  signal: AbortSignal
}

type Place = { directory: string; port: number; instance?: string }
type Running = { process: GatewayProcess; port: number; directory: string }

/** The place of one gateway among several: who stands in it, and directories of those who stood in it. */
export class Slot implements AsyncDisposable {
  readonly name: string
  readonly #options: SlotOptions
  #current: Running | undefined
  #directories = 0
  /** Of gateways that did not come back, and whether their logs are told by now. */
  readonly #left = new Map<string, Promise<boolean>>()
  /** One that stands beside the present one, until it is ended. */
  #older: Running | undefined

  static async start(options: SlotOptions): Promise<Slot> {
    const slot = new Slot(options)
    slot.#current = await slot.#startOn(await slot.#newPlace(), 'ready')
    return slot
  }

  private constructor(options: SlotOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Where consumers send to now; another one after a gateway has taken another's place. */
  get url(): string {
    return `http://127.0.0.1:${this.#present.port}/local_one`
  }

  /** Kills the gateway and starts it where it was. */
  async killAndRestart(pauseMs: number): Promise<void> {
    const { process, port, directory } = this.#present
    process.kill()
    await process.ended
    await systemClock.sleep(pauseMs, this.#options.signal)
    this.#current = await this.#startOn({ directory, port }, 'health')
  }

  /** Begins another gateway under the same name, while the older one goes on. */
  async beginZombie(): Promise<void> {
    this.#older = this.#present
    this.#current = await this.#startOn(await this.#newPlace(), 'ready')
  }

  async stopOlder(): Promise<void> {
    const older = this.#older
    this.#older = undefined
    await older?.process.stop()
    // What the ledger did not hear of it is told soon: later than its leases are kept, others may have used what they held.
    if (older === undefined) return
    const told = this.#drain(older.directory).catch(() => false)
    this.#left.set(older.directory, told)
  }

  async killOlder(): Promise<void> {
    this.#older?.process.kill()
    await this.stopOlder()
  }

  /** Ends the gateway as an operator would. @returns Whether its log was told as a whole. */
  async end(): Promise<boolean> {
    await this.stopOlder()
    const { process, directory } = this.#present
    await process.stop()
    const left = [...this.#left].map(async ([each, told]) => (await told) || this.#drain(each))
    const told = await Promise.all([this.#drain(directory), ...left])
    return told.every(Boolean)
  }

  /** Waits until all frames are in the books. */
  async untilPosted(untilMs: number): Promise<boolean> {
    const { adminUrl } = this.#present.process
    for (;;) {
      const { frames } = await reportOf(adminUrl)
      if (frames.confirmed === frames.stored) return true
      if (performance.now() > untilMs) return false
      await systemClock.sleep(lookPauseMs, this.#options.signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#left.values())
    await this.#older?.process.stop()
    await this.#current?.process.stop()
  }

  get #present(): Running {
    if (this.#current === undefined) throw new Error(`${this.name} has not been started`)
    return this.#current
  }

  /** Starts a gateway on a log that was left, for as long as it takes to tell it. Under another name: this one is taken. */
  async #drain(directory: string): Promise<boolean> {
    if (!(await hasFrames(directory))) return true
    const started = { directory, port: await freePort(), instance: `${basename(directory)}-left` }
    const { process } = await this.#startOn(started, 'health')
    const endMs = performance.now() + drainTimeoutMs
    while ((await hasFrames(directory)) && performance.now() < endMs) {
      await systemClock.sleep(lookPauseMs, this.#options.signal)
    }
    await process.stop()
    return !(await hasFrames(directory))
  }

  async #newPlace(): Promise<Place> {
    const directory = join(this.#options.folder, `${this.name}-${++this.#directories}`)
    return { directory, port: await freePort() }
  }

  async #startOn(
    { directory, port, instance = this.name }: Place,
    waitFor: 'ready' | 'health',
  ): Promise<Running> {
    const { config, billing, signal } = this.#options
    const meter = { billing, instance, directory }
    const options = { config: { ...config, meter }, port, waitFor, signal }
    return { process: await startGateway(options), port, directory }
  }
}

const drainTimeoutMs = 30_000

async function hasFrames(directory: string): Promise<boolean> {
  return (await readdir(directory)).some((name) => name.endsWith('.frames'))
}

async function reportOf(adminUrl: string): Promise<MeterReport> {
  const signal = AbortSignal.timeout(askTimeoutMs)
  // The gateway's own report, in the shape that it shares with us.
  return (await (await fetch(`${adminUrl}/v1/meter`, { signal })).json()) as MeterReport
}
