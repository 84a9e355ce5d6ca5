import type { LagRule, Observation } from './observation.ts'

export type Gate = { gate: GateName; reason: string }
export type GateName = 'CHAIN_ID' | 'SILENT' | 'LAG' | 'AHEAD' | 'CORDONED' | 'NO_SESSION'

/**
 * Reasons an upstream is never assigned traffic, whatever else is good about it.
 *
 * @returns Every gate that holds, empty for an upstream fit to serve.
 */
export function gatesOf(seen: Observation, lag: LagRule): Gate[] {
  const gates: Gate[] = []
  if (seen.chainId === 'wrong') {
    gates.push({ gate: 'CHAIN_ID', reason: 'it serves another chain than it is configured for' })
  } else if (seen.chainId === 'unchecked') {
    gates.push({ gate: 'CHAIN_ID', reason: 'its chain id has not been checked yet' })
  }
  // An upstream of another chain is not asked for its height.
  if (!seen.answersHeight && seen.chainId !== 'wrong') {
    const instead = seen.silence === undefined ? '' : ` (${seen.silence})`
    gates.push({ gate: 'SILENT', reason: `it does not answer the height query${instead}` })
  }
  const behind = seen.lagBlocks ?? 0
  if (behind >= lag.criticalBlocks) {
    const reason = `it is ${behind} blocks behind the head, the limit is ${lag.criticalBlocks}`
    gates.push({ gate: 'LAG', reason })
  }
  if (-behind > lag.aheadBlocksMax) {
    const reason = `it claims a head ${-behind} blocks ahead of what other providers agree on`
    gates.push({ gate: 'AHEAD', reason })
  }
  if (seen.agentTrouble !== undefined) {
    gates.push({ gate: 'NO_SESSION', reason: seen.agentTrouble })
  }
  if (seen.cordonReason !== undefined) {
    gates.push({ gate: 'CORDONED', reason: seen.cordonReason })
  }
  return gates
}
