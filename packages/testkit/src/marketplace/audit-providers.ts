import { sumOf } from '@mooring/market/economy/money/mul-div'
import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { ChainEvent } from '@mooring/onchain/events/decode'
import type { TokenAmount } from '@mooring/protocol/units'
import type { Stage } from './story.ts'

/** What a provider did, and what it got, over all epochs. */
export type ProviderLine = {
  name: string
  does: string
  relays: bigint
  failed: bigint
  late: bigint
  credits: bigint
  toProvider: TokenAmount
  toDelegators: TokenAmount
}

export async function providerLines(
  { world }: Stage,
  files: readonly ReadEpochFile[],
  events: readonly ChainEvent[],
): Promise<ProviderLine[]> {
  return world.providers.map(({ plan, providerId, nodeId }) => {
    const rows = files
      .flatMap(({ data }) => data.performance)
      .filter((row) => row.nodeId === nodeId)
    const pushed = events.filter(
      ({ name, args }) => name === 'PayoutPushed' && args.providerId === providerId,
    )
    const paid = (member: string) => sumOf(pushed.map(({ args }) => args[member] as bigint))
    return {
      ...{ name: plan.name, does: plan.does },
      relays: sumOf(rows.map(({ answered }) => answered)),
      failed: sumOf(rows.map(({ failed }) => failed)),
      late: sumOf(rows.map(({ late }) => late)),
      credits: sumOf(rows.map(({ credits }) => credits)),
      toProvider: paid('toProvider'),
      toDelegators: paid('toDelegators'),
    }
  })
}
