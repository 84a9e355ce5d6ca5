import type { Exchange, Stage } from '../exchange.ts'
import { noUpstream } from '../relay/relayed-answer.ts'
import { gatewayVersion } from '../version.ts'

/** Answers what the gateway knows by itself. */
export const answerLocally: Stage = (exchange, next) => {
  const { chain, policy, request } = exchange
  if (policy.effect !== 'local') return next(exchange)
  exchange.source = 'local'
  const result = chain.family.localResultOf(request.method, {
    chainId: chain.definition.chainId,
    clientVersion: `Mooring/${gatewayVersion}`,
    headBlock: () => headOf(exchange),
  })
  const block = chain.family.revealedBlockOf(request.method, result)?.number
  return { kind: 'result', resultJson: JSON.stringify(result), block }
}

/** A head that nobody can confirm any more is not an answer. */
function headOf({ chain, headBlock }: Exchange): number {
  if (headBlock !== undefined && chain.ready) return headBlock
  throw noUpstream(chain)
}
