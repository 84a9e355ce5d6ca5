import {
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'

/** Reads a chain. */
export type Reader = PublicClient<Transport, Chain>
/** Signs and sends for one account. */
export type Wallet = WalletClient<Transport, Chain, Account>

export type ChainAddress = {
  url: string
  chainId: number
  /** How long one question may take. */
  timeoutMs?: number | undefined
}

const timeoutMsDefault = 10_000
/** Nodes of test chains make blocks at once, and others are not asked more often than they have news. */
const pollMs = 250

export function createReader(address: ChainAddress): Reader {
  return createPublicClient({
    chain: chainOf(address),
    transport: transportOf(address),
    pollingInterval: pollMs,
    // An answer that was kept would hide what a transaction has just changed.
    cacheTime: 0,
  })
}

export function createWallet(address: ChainAddress, account: Account): Wallet {
  return createWalletClient({
    account,
    chain: chainOf(address),
    transport: transportOf(address),
    pollingInterval: pollMs,
  })
}

/** The id a node answers with, for callers that only know an address. */
export function readChainId(url: string, timeoutMs: number = timeoutMsDefault): Promise<number> {
  return createPublicClient({
    transport: http(url, { timeout: timeoutMs, retryCount: 0 }),
  }).getChainId()
}

function chainOf({ url, chainId }: ChainAddress): Chain {
  return defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'native token', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
}

function transportOf({ url, timeoutMs = timeoutMsDefault }: ChainAddress) {
  return http(url, { timeout: timeoutMs, retryCount: 2, retryDelay: 200 })
}
