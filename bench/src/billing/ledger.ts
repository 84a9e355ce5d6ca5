import { join } from 'node:path'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { systemClock } from '@mooring/telemetry/clock'
import { type BillingProcess, startBillingProcess } from '@mooring/testkit/billing'
import { freePort } from '@mooring/testkit/ports'
import { SQL } from 'bun'
import type { Plan } from './plan.ts'

/** Until the sessions of a server that was killed have ended, another one is refused its data. */
const postgresRetryMs = 100
const postgresTriesMax = 100

type LedgerOptions = {
  folder: string
  deploymentFile: string
  rpcUrl: string
  plan: Pick<Plan, 'leaseMs' | 'graceMs'>
  signal: AbortSignal
}

/** The billing service on a PostgreSQL, both of which can be killed and come back where they were. */
export class Ledger implements AsyncDisposable {
  /** Of the database. */
  readonly url: string
  readonly #options: LedgerOptions
  #postgres: Postgres
  #billing: BillingProcess | undefined
  readonly #billingPort: number

  /** Ends the PostgreSQL that it is given, or the one that came in its place. */
  static async start(postgres: Postgres, options: LedgerOptions): Promise<Ledger> {
    const url = await postgres.createDatabase('drill')
    const ledger = new Ledger(options, { postgres, url, billingPort: await freePort() })
    await ledger.startBilling()
    return ledger
  }

  private constructor(
    options: LedgerOptions,
    { postgres, url, billingPort }: { postgres: Postgres; url: string; billingPort: number },
  ) {
    this.#options = options
    this.#postgres = postgres
    this.#billingPort = billingPort
    this.url = url
  }

  /** A member of a gateway's configuration. */
  get billing(): { url: string; credential: string } {
    return { url: `http://127.0.0.1:${this.#billingPort}`, credential }
  }

  async startBilling(): Promise<void> {
    const { folder, deploymentFile, rpcUrl, plan, signal } = this.#options
    this.#billing = await startBillingProcess({
      config: {
        databaseUrl: this.url,
        chain: { deployment: deploymentFile, rpcUrl, pollIntervalMs: 100 },
        creditIntervalMs: 100,
        meter: { leaseMs: plan.leaseMs, graceMs: plan.graceMs },
        logLevel: 'warn',
      },
      port: this.#billingPort,
      credential,
      configFile: join(folder, 'billing.yaml'),
      signal,
    })
  }

  async killBilling(): Promise<void> {
    this.#billing?.kill()
    await this.#billing?.ended
  }

  async killPostgres(): Promise<void> {
    this.#postgres.kill()
    await this.#postgres.ended
  }

  /** On the data that was left. */
  async startPostgres(): Promise<void> {
    const { folder, signal } = this.#options
    const options = { folder: join(folder, 'postgres'), port: this.#postgres.port, signal }
    for (let tries = 1; ; tries++) {
      try {
        this.#postgres = await startPostgres(options)
        return
      } catch (error) {
        if (tries === postgresTriesMax || signal.aborted) throw error
        await systemClock.sleep(postgresRetryMs, signal)
      }
    }
  }

  /** @returns How many were cut. */
  async cutConnections(): Promise<number> {
    await using sql = new SQL(this.url, { max: 1 })
    const rows = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    return rows.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#billing?.stop()
    await this.#postgres.stop()
  }
}

const credential = 'the-gateways-of-the-drill-show-this-one'
