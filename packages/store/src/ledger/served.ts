import type { UsageLine } from '@mooring/protocol/metering/wire'
import type { Queries } from '../database.ts'
import { arrayOf } from './positions.ts'

/**
 * Adds what requests of each chain are charged in an epoch, whoever can pay it.
 *
 * @param instance - Whose usage it is: no two gateways write to one row.
 */
export async function addServed(
  queries: Queries,
  usage: readonly UsageLine[],
  { epoch, instance }: { epoch: bigint; instance: string },
): Promise<void> {
  const charged = new Map<string, bigint>()
  for (const { account, chain, credits } of usage) {
    if (account === null || credits === 0) continue
    charged.set(chain, (charged.get(chain) ?? 0n) + BigInt(credits))
  }
  if (charged.size === 0) return
  // In one order for everybody.
  const rows = [...charged].sort(([one], [other]) => (one < other ? -1 : 1))
  const chains = arrayOf(
    queries,
    rows.map(([chain]) => chain),
  )
  const credits = arrayOf(
    queries,
    rows.map(([, each]) => String(each)),
  )
  await queries`
    insert into epoch_served (epoch, chain, instance, charged)
    select ${epoch}::bigint, chain, ${instance}::text, credits::numeric
    from unnest(${chains}::text[], ${credits}::text[]) as new (chain, credits)
    on conflict (epoch, chain, instance) do update set charged = epoch_served.charged + excluded.charged`
}
