import type { BeginAnswer, PostAnswer, PostRequest } from '@mooring/protocol/metering/wire'
import type { Customer } from '@mooring/testkit/economy/customers'
import type { World } from '../billing/world.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { percentileOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import type { Plan } from './plan.ts'

/** `accounts`: how many the callers take turns at. */
const cases = [
  { name: 'alone', callers: 1, accounts: 8 },
  { name: 'spread16', callers: 16, accounts: 8 },
  { name: 'hot16', callers: 16, accounts: 1 },
] as const
const timeoutMs = 10_000

/** How long a gateway waits for credits of an account, by how many ask the billing service at once. */
export async function measureLeases(
  { ledger: { billing } }: World,
  customers: readonly Customer[],
  { plan, signal, say }: MeasureContext & { plan: Plan },
): Promise<{ figures: Figures; text: string }> {
  const figures: Record<string, number> = {}
  const rows: string[][] = []
  for (const { name, callers, accounts } of cases) {
    say(`leases, ${callers} at once …`)
    const startMs = performance.now()
    const endMs = startMs + plan.ledgerSeconds * 1_000
    const own = customers.slice(0, accounts)
    const all = await Promise.all(
      Array.from({ length: callers }, (_, at) =>
        leaseUntil(billing, {
          instance: `${name}-${at}`,
          first: at,
          customers: own,
          endMs,
          signal,
        }),
      ),
    )
    const took = all.flat()
    const perSecond = (took.length * 1_000) / (performance.now() - startMs)
    const [p50, p99] = [percentileOf(took, 0.5), percentileOf(took, 0.99)]
    figures[`lease${name}P50Ms`] = p50
    figures[`lease${name}P99Ms`] = p99
    figures[`lease${name}PerSecond`] = perSecond
    rows.push([String(callers), String(accounts), ...[p50, p99, perSecond].map(formatFigure)])
  }
  const titles = ['gateways at once', 'accounts', 'p50 ms', 'p99 ms', 'leases a second']
  const text = `A lease of the billing service, each asked for in a post of its own
${figuresTable(titles, rows)}
`
  return { figures, text }
}

/** @returns Milliseconds of each lease. */
async function leaseUntil(
  billing: { url: string; credential: string },
  {
    instance,
    first,
    customers,
    endMs,
    signal,
  }: {
    instance: string
    first: number
    customers: readonly Customer[]
    endMs: number
    signal: AbortSignal
  },
): Promise<number[]> {
  const ask = async <T>(path: string, body: object): Promise<T> => {
    const response = await fetch(`${billing.url}/v1/meter/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${billing.credential}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    // The billing service writes it.
    return (await response.json()) as T
  }
  const { epoch } = await ask<BeginAnswer>('begin', { instance })
  let number = 0
  const post = (changes: Partial<PostRequest>) => {
    const none = { from: 1, to: 0, usage: [], leases: [], closes: false }
    const request: PostRequest = { instance, epoch, number: ++number, ...none, ...changes }
    return ask<PostAnswer>('post', request)
  }
  const took: number[] = []
  for (let at = first; performance.now() < endMs; at++) {
    const account = customers[at % customers.length]?.account ?? ''
    const startMs = performance.now()
    // What was leased before comes back, so that the account never ends.
    const claim = { account, key: '', holds: 0, wants: 2_000, needs: 250 }
    const { grants } = await post({ leases: [claim] })
    took.push(performance.now() - startMs)
    if (grants[0]?.granted !== 2_000) throw new Error(`no lease: ${JSON.stringify(grants)}`)
  }
  await post({ closes: true })
  return took
}
