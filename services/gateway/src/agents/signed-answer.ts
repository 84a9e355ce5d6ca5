import type { Signable } from '@mooring/chains/family'
import { recoverSigner } from '@mooring/onchain/digest-signer'
import { answerData, type RelayDomain } from '@mooring/onchain/relay-statements'
import { answerHeader, parseAnswerHeader } from '@mooring/protocol/relays/answers'

/** Whose word an answer is: a node, and what it signs with, in lower case. */
export type AnsweringNode = { nodeId: bigint; signer: string; domain: RelayDomain }

/** What a node may sign of one request, as that was sent to it. */
export type SignableRequest = {
  method: string
  chainId: number
  signable: Signable
  /** Of the block that is asked about, as it was asked or as providers agree on it; undefined where neither tells. */
  blockHash: string | undefined
}

/**
 * Whether a node has signed the very result that it gave. That takes some 0.2 ms, so it is done where a consumer asked for it
 * alone.
 *
 * @returns The header to pass on, which holds nothing but what was signed; undefined where the node has signed anything else.
 */
export function verifiedAnswer(
  header: string,
  { node, asked, result }: { node: AnsweringNode; asked: SignableRequest; result: unknown },
): string | undefined {
  const { method, chainId, signable } = asked
  const given = parseAnswerHeader(header)
  const read = signable.read(result)
  if (given === undefined || read === undefined) return undefined
  const { blockHash, signature } = given
  if ([asked.blockHash, read.blockHash].some((hash) => hash !== undefined && hash !== blockHash)) {
    return undefined
  }
  const { params } = signable
  const { value } = read
  const numbers = { nodeId: node.nodeId, chainId: BigInt(chainId) }
  const { digest } = answerData(node.domain, { ...numbers, blockHash, method, params, value })
  if (recoverSigner(digest, signature) !== node.signer) return undefined
  const words = { nodeId: String(node.nodeId), chainId: String(chainId) }
  return answerHeader({ ...words, blockHash, method, params, value, signature })
}
