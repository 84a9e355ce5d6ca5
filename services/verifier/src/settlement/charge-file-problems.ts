import type { ChargeFile } from '@mooring/market/settlement/charge-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import type { PostedRoots } from '@mooring/onchain/charge-roots'
import type { Hex } from 'viem'

/** What the chain says about the next root of an escrow. */
export type RootTerms = {
  chainId: number
  escrow: Hex
  asset: ChargeFile['asset']
  posted: PostedRoots
  periodSeconds: bigint
  /** Of the newest block that all sources have. */
  nowSeconds: bigint
}

/** What in a charge file is not as the escrow asks for, apart from its leaves. Expected is what the chain says. */
export function chargeFileProblems(file: ChargeFile, terms: RootTerms): Difference[] {
  const { deployment, asset, rootId, previous } = file
  const { standing, count } = terms.posted
  return [
    ...differs('deployment.chainId', terms.chainId, deployment.chainId),
    ...differs('deployment.escrow', terms.escrow, deployment.escrow),
    ...differs('asset', terms.asset, asset),
    ...differs('rootId', count + 1n, rootId),
    ...differs('previous', standing[0]?.dataHash ?? 'null', previous ?? 'null'),
    ...periodProblems(file, terms),
  ]
}

/** The same as the escrow asks for, and that periods end at whole multiples of their length. */
function periodProblems({ periodEnd }: ChargeFile, terms: RootTerms): Difference[] {
  const { posted, periodSeconds, nowSeconds } = terms
  const [last] = posted.standing
  const path = 'periodEnd'
  if (periodEnd % periodSeconds !== 0n) {
    return differs(path, `a whole multiple of ${periodSeconds}`, periodEnd)
  }
  if (periodEnd > nowSeconds) return differs(path, `at most ${nowSeconds}, which is now`, periodEnd)
  if (periodEnd + periodSeconds <= nowSeconds) {
    return differs(
      path,
      `less than ${periodSeconds} s before ${nowSeconds}, which is now`,
      periodEnd,
    )
  }
  if (last === undefined || periodEnd >= last.periodEnd + periodSeconds) return []
  return differs(path, `${last.periodEnd + periodSeconds} or later`, periodEnd)
}

function differs(path: string, expected: unknown, found: unknown): Difference[] {
  const [one, other] = [String(expected), String(found)]
  return one === other ? [] : [{ path, expected: one, found: other }]
}
