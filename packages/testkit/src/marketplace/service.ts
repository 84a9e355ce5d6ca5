import type { Child } from '@mooring/store/embedded/child'
import { systemClock } from '@mooring/telemetry/clock'

/** A process that may be killed, and comes back where it was: on the same ports, with what it kept. */
export class Service<P extends Child = Child> implements AsyncDisposable {
  readonly name: string
  readonly #start: () => Promise<P>
  #current: P | undefined
  #kills = 0

  /** @param start - Starts it where it was before. */
  static async start<P extends Child>(name: string, start: () => Promise<P>): Promise<Service<P>> {
    const service = new Service(name, start)
    service.#current = await start()
    return service
  }

  /** Of one that runs already. */
  static of<P extends Child>(name: string, running: P, start: () => Promise<P>): Service<P> {
    const service = new Service(name, start)
    service.#current = running
    return service
  }

  private constructor(name: string, start: () => Promise<P>) {
    this.name = name
    this.#start = start
  }

  /** How often it was killed. */
  get kills(): number {
    return this.#kills
  }

  /** The one that runs, or ran last. */
  get process(): P {
    if (this.#current === undefined) throw new Error(`${this.name} has not been started`)
    return this.#current
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#kills++
    this.process.kill()
    await this.process.ended
  }

  async startAgain(): Promise<void> {
    this.#current = await this.#start()
  }

  async killAndRestart({ deadMs, signal }: { deadMs: number; signal: AbortSignal }): Promise<void> {
    await this.kill()
    await systemClock.sleep(deadMs, signal)
    await this.startAgain()
  }

  async stop(): Promise<void> {
    await this.#current?.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
