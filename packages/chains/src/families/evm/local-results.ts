import { encodeQuantity } from '@mooring/protocol/quantity'
import type { LocalFacts } from '../../family.ts'
import { isLocalMethod, type LocalMethod } from './methods.ts'

/**
 * The result of a method the gateway answers from what it knows.
 *
 * @returns Undefined when the method is none of these; throws what `facts.headBlock` throws.
 */
export function localResultOf(method: string, facts: LocalFacts): unknown {
  return isLocalMethod(method) ? results[method](facts) : undefined
}

const results: Record<LocalMethod, (facts: LocalFacts) => unknown> = {
  eth_blockNumber: ({ headBlock }) => encodeQuantity(headBlock()),
  eth_chainId: ({ chainId }) => encodeQuantity(chainId),
  net_version: ({ chainId }) => String(chainId),
  web3_clientVersion: ({ clientVersion }) => clientVersion,
  // The gateway holds no keys, listens, and only serves upstreams that are synced.
  eth_accounts: () => [],
  eth_syncing: () => false,
  net_listening: () => true,
}
