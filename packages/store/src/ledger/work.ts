import type { WorkLine } from '@mooring/protocol/relays/reports'
import type { Queries } from '../database.ts'
import { lockOpenEpoch } from './open-epoch.ts'
import { arrayOf } from './positions.ts'

/**
 * Keeps what nodes did as a gateway has counted it since it was started. Counts only grow, so what is told twice, or in
 * another order, is told once. What is told of an epoch that is closed is passed over.
 *
 * @param queries - Of a transaction.
 * @param run - The name of one life of a gateway.
 * @returns The first epoch that is open.
 */
export async function saveWork(
  queries: Queries,
  run: string,
  work: readonly WorkLine[],
): Promise<bigint> {
  const openEpoch = await lockOpenEpoch(queries)
  const open = work
    .filter(({ epoch }) => BigInt(epoch) >= openEpoch)
    .map((line) => ({ line, place: `${line.epoch} ${line.node} ${line.chain}` }))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
    .map(({ line }) => line)
  if (open.length === 0) return openEpoch
  const column = (name: keyof WorkLine) =>
    arrayOf(
      queries,
      open.map((line) => String(line[name])),
    )
  await queries`
    insert into node_work (epoch, node_id, chain, instance, asked, answered, failed, late, credits)
    select epoch::bigint, node::bigint, chain, ${run}::text, asked::bigint, answered::bigint, failed::bigint, late::bigint,
      credits::numeric
    from unnest(${column('epoch')}::text[], ${column('node')}::text[], ${column('chain')}::text[],
      ${column('asked')}::text[], ${column('answered')}::text[], ${column('failed')}::text[], ${column('late')}::text[],
      ${column('credits')}::text[]) as new (epoch, node, chain, asked, answered, failed, late, credits)
    on conflict (epoch, node_id, chain, instance) do update
      set asked = excluded.asked, answered = excluded.answered, failed = excluded.failed, late = excluded.late,
        credits = excluded.credits
      where node_work.asked <= excluded.asked and node_work.answered <= excluded.answered
        and node_work.failed <= excluded.failed and node_work.late <= excluded.late
        and node_work.credits <= excluded.credits`
  return openEpoch
}
