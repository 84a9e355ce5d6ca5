import { encodeQuantity, parseBlockNumber } from '@mooring/protocol/quantity'
import type { Family } from '../../family.ts'
import { blockNeedOf, pinTo, resolveTags, scanRangeOf } from './blocks.ts'
import { cacheKeyOf, logSearchOf } from './cache-key.ts'
import { classifyReply, classifyResult } from './classify.ts'
import { contractsOf } from './contracts.ts'
import { localResultOf } from './local-results.ts'
import { namespaceOf, policyOf } from './methods.ts'
import { problemOf } from './problems.ts'
import { isPending, parseHeader, readingOf, revealedBlockOf } from './results.ts'
import { signableOf } from './signable.ts'
import { transactionHashOf } from './transactions.ts'

/** Ethereum and the chains that speak its JSON-RPC dialect. */
export const evm: Family = {
  name: 'evm',
  policyOf,
  namespaceOf,
  blockNeedOf,
  resolveTags,
  pinTo,
  cacheKeyOf,
  logSearchOf,
  problemOf,
  scanRangeOf,
  readingOf,
  revealedBlockOf,
  parseHeader,
  isPending,
  classify: classifyReply,
  classifyResult,
  transactionHashOf,
  contractsOf,
  signableOf,
  localResultOf,
  probes: {
    chainId: { method: 'eth_chainId', params: [] },
    height: { method: 'eth_blockNumber', params: [] },
    standard: { method: 'eth_getBlockByNumber', params: ['latest', false] },
    transactionByHash: (hash) => ({ method: 'eth_getTransactionByHash', params: [hash] }),
    header: (block) => ({
      method: 'eth_getBlockByNumber',
      params: [typeof block === 'number' ? encodeQuantity(block) : block, false],
    }),
    headerByHash: (hash) => ({ method: 'eth_getBlockByHash', params: [hash, false] }),
  },
  // A chain id is a quantity that fits where a block number does.
  parseChainId: parseBlockNumber,
  parseHeight: parseBlockNumber,
}
