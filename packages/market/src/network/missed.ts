import type { Seconds } from '@mooring/protocol/units'
import type { EpochSummary } from './epoch-summary.ts'

export const missedReasons = ['no-relays', 'no-quality'] as const
export type MissedReason = (typeof missedReasons)[number]

/** A node that is active now. */
export type StandingNode = { activeSince: Seconds; chains: readonly string[] }

/**
 * Why a provider had nothing of an epoch in which it could have had something; null where it had, or could not.
 *
 * It could where a node of its was asked, or was active all the time on a chain that somebody's relays were charged for.
 * Nodes that have left or were activated anew since are not known to have been active, so nothing is held against them.
 */
export function missedReasonOf(
  { from, chains, providers }: EpochSummary,
  providerId: bigint,
  nodes: readonly StandingNode[],
): MissedReason | null {
  const work = (providers.get(providerId)?.work ?? []).filter(({ asked }) => asked > 0n)
  if (work.length > 0) {
    return work.every(({ answered, qualityPpm }) => answered === 0n || qualityPpm === 0n)
      ? 'no-quality'
      : null
  }
  const asked = new Set(chains.filter(({ relayed }) => relayed > 0n).map(({ chain }) => chain))
  const couldHave = nodes.some(
    (node) => node.activeSince <= from && node.chains.some((chain) => asked.has(chain)),
  )
  return couldHave ? 'no-relays' : null
}
