import { readFile } from 'node:fs/promises'
import type { isSignedByOperator } from '@mooring/onchain/agreement-statement'
import { parseAccountName } from '@mooring/protocol/access/names'
import type { Clock } from '@mooring/telemetry/clock'
import { z } from 'zod'
import type { Events } from '../events.ts'
import type { TierLimits } from '../exchange.ts'
import { loadAgreementStatement } from './statements.ts'

type OwnLimits = Partial<Omit<TierLimits, 'pools'>>
const count = z.int().positive()
const seconds = z
  .int()
  .min(0)
  .max(10 ** 11)

/**
 * What an operator grants an account beyond its tier: a JSON file of the operator's, signed as EIP-712 typed data by a
 * key whose address stands in the configuration. Whatever is wrong with one is reported, and it is not used.
 */
const agreementSchema = z
  .strictObject({
    account: z
      .string()
      .refine((text) => parseAccountName(text) !== undefined, 'no CAIP-10 account'),
    tier: z.literal('enterprise'),
    limits: z
      .strictObject({
        requestsPerSecond: count,
        burstRequests: count,
        inFlightMax: count,
        batchMax: count,
        logsRangeBlocksMax: count,
        inFlightShareMaxPercent: count.max(100),
        traceAndDebug: z.boolean(),
      })
      .partial()
      // JSON has no undefined: what is left out is not there.
      .transform((limits) => limits as OwnLimits),
    pools: z.array(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/)).max(32),
    validFrom: seconds,
    validUntil: seconds,
    signature: z.custom<`0x${string}`>(
      (value) => typeof value === 'string' && /^0x[0-9a-fA-F]{130}$/.test(value),
      'no signature',
    ),
  })
  .refine(({ validFrom, validUntil }) => validFrom < validUntil, 'ends before it begins')

export type AgreementInForce = z.output<typeof agreementSchema>

type Domain = Parameters<typeof isSignedByOperator>[0]
type Settings = { operators: readonly `0x${string}`[]; agreements: readonly string[] }

/** The agreements of a gateway, as they were read last. */
export class Agreements {
  readonly #domain: Domain
  readonly #clock: Clock
  readonly #events: Events
  #byAccount: ReadonlyMap<string, readonly AgreementInForce[]> = new Map()

  constructor(domain: Domain, { clock, events }: { clock: Clock; events: Events }) {
    this.#domain = domain
    this.#clock = clock
    this.#events = events
  }

  /** The one that is in force now; of several, the one that stands first in the configuration. */
  of(account: string): AgreementInForce | undefined {
    const own = this.#byAccount.get(account)
    if (own === undefined) return undefined
    const nowSeconds = this.#clock.wallMs() / 1_000
    return own.find(
      ({ validFrom, validUntil }) => validFrom <= nowSeconds && nowSeconds < validUntil,
    )
  }

  /** Reads all files anew. Never rejects; those in force before hold until all are read. */
  async load({ operators, agreements }: Settings): Promise<void> {
    const byAccount = new Map<string, AgreementInForce[]>()
    for (const file of agreements) {
      const read = await this.#read(file, operators)
      if ('problem' in read) {
        this.#events.agreementRefused(file, read.problem)
        continue
      }
      byAccount.set(read.account, [...(byAccount.get(read.account) ?? []), read])
    }
    this.#byAccount = byAccount
  }

  async #read(
    file: string,
    operators: Settings['operators'],
  ): Promise<AgreementInForce | { problem: string }> {
    let value: unknown
    try {
      value = JSON.parse(await readFile(file, 'utf8'))
    } catch (error) {
      return { problem: error instanceof SyntaxError ? 'it is no JSON' : 'it cannot be read' }
    }
    const parsed = agreementSchema.safeParse(value)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      return { problem: `${issue?.path.join('.')}: ${issue?.message}` }
    }
    const agreement = parsed.data
    if (this.#clock.wallMs() / 1_000 >= agreement.validUntil) return { problem: 'it has expired' }
    const statement = await loadAgreementStatement()
    const isSigned = await statement.isSignedByOperator(this.#domain, operators, agreement)
    return isSigned ? agreement : { problem: 'no operator of the configuration has signed it' }
  }
}
