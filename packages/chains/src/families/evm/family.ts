import { parseBlockNumber } from '@mooring/protocol/quantity'
import type { Family } from '../../family.ts'
import { blockNeedOf, resolveTags, scanRangeOf } from './blocks.ts'
import { classifyReply, classifyResult } from './classify.ts'
import { localResultOf } from './local-results.ts'
import { namespaceOf, policyOf } from './methods.ts'
import { problemOf } from './problems.ts'
import { isPending, revealedBlockOf } from './results.ts'
import { transactionHashOf } from './transactions.ts'

/** Ethereum and the chains that speak its JSON-RPC dialect. */
export const evm: Family = {
  name: 'evm',
  policyOf,
  namespaceOf,
  blockNeedOf,
  resolveTags,
  problemOf,
  scanRangeOf,
  revealedBlockOf,
  isPending,
  classify: classifyReply,
  classifyResult,
  transactionHashOf,
  localResultOf,
  probes: {
    chainId: { method: 'eth_chainId', params: [] },
    height: { method: 'eth_blockNumber', params: [] },
    standard: { method: 'eth_getBlockByNumber', params: ['latest', false] },
    transactionByHash: (hash) => ({ method: 'eth_getTransactionByHash', params: [hash] }),
  },
  // A chain id is a quantity that fits where a block number does.
  parseChainId: parseBlockNumber,
  parseHeight: parseBlockNumber,
}
