import { type Clock, systemClock } from '@mooring/telemetry/clock'
import {
  type Address,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeFunctionData,
  type Hash,
  http,
  type PublicClient,
  TransactionReceiptNotFoundError,
  type WalletClient,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { anvilAccount } from './anvil.ts'
import { demoTokenAbi, demoTokenBytecode } from './demo-contract.ts'

const intervalMsDefault = 1_000
const rpcTimeoutMs = 3_000
const receiptPollMs = 20
const minedTimeoutMsDefault = 3_000
/** The last of anvil's funded accounts, so that the first ones keep their nonces for people. */
const actorAccountIndex = 9
const supply = 10n ** 27n
const gasMax = 1_000_000n
const feeWei = 20_000_000_000n

export type ActorOptions = {
  url: string
  chainId: number
  intervalMs?: number | undefined
  clock?: Clock | undefined
  /** How long a stop waits for the last transaction to be mined. */
  minedTimeoutMs?: number | undefined
  /** Told of each round that failed; the actor goes on. */
  onError?: ((error: unknown) => void) | undefined
}

/** Sends a token transfer at a steady pace, so that a chain has new blocks, transactions and logs. */
export type Actor = AsyncDisposable & {
  readonly tokenAddress: Address
  readonly accountAddress: Address
  /** Transactions sent since the start, the deployment among them. */
  readonly sent: number
  /** Resolves when the last transaction is mined, so that the actor moves the head no more, or past a deadline. */
  stop(): Promise<void>
}

type Wallet = { send(transaction: { to?: Address; data: Hash }): Promise<Hash>; address: Address }

/** Deploys the demo token and begins. Throws when the deployment fails. */
export async function startActor(options: ActorOptions): Promise<Actor> {
  const { clock = systemClock, intervalMs = intervalMsDefault } = options
  const { minedTimeoutMs = minedTimeoutMsDefault } = options
  const transport = http(options.url, { retryCount: 0, timeout: rpcTimeoutMs })
  const chain = defineChain({
    id: options.chainId,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [options.url] } },
  })
  const account = mnemonicToAccount(anvilAccount.mnemonic, { addressIndex: actorAccountIndex })
  const reader = createPublicClient({ chain, transport, pollingInterval: receiptPollMs })
  const wallet = walletOf(createWalletClient({ account, chain, transport }), reader)
  const tokenAddress = await deploy(wallet, reader)
  const stopping = new AbortController()
  let sent = 1
  let lastHash: Hash | undefined
  const run = async () => {
    for (let round = 1n; !stopping.signal.aborted; round++) {
      try {
        lastHash = await wallet.send({ to: tokenAddress, data: transferOf(round) })
        sent++
      } catch (error) {
        options.onError?.(error)
      }
      await clock.sleep(intervalMs, stopping.signal)
    }
  }
  const running = run()
  const stop = async () => {
    stopping.abort()
    await running
    if (lastHash !== undefined)
      await untilMined(reader, lastHash, { clock, timeoutMs: minedTimeoutMs })
  }
  return {
    tokenAddress,
    accountAddress: account.address,
    get sent() {
      return sent
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Gas and fee are fixed: asking the node for them would double the requests of a round. */
function walletOf(client: WalletClient, reader: PublicClient): Wallet {
  const { account, chain } = client
  if (account === undefined) throw new Error('the actor has no account')
  return {
    address: account.address,
    send: async ({ to, data }) =>
      client.sendTransaction({
        account,
        chain: chain ?? null,
        to: to ?? null,
        data,
        gas: gasMax,
        maxFeePerGas: feeWei,
        maxPriorityFeePerGas: 1n,
        nonce: await reader.getTransactionCount({ address: account.address, blockTag: 'pending' }),
      }),
  }
}

async function deploy(wallet: Wallet, reader: PublicClient): Promise<Address> {
  const data: Hash = `${demoTokenBytecode}${supply.toString(16).padStart(64, '0')}`
  const hash = await wallet.send({ data })
  const receipt = await reader.waitForTransactionReceipt({ hash, timeout: rpcTimeoutMs })
  if (receipt.contractAddress == null) throw new Error(`the demo token was not deployed by ${hash}`)
  return receipt.contractAddress
}

/**
 * A node answers with the hash before it mines. One transaction is enough to ask for: those before it
 * have lower nonces, so they are mined no later.
 */
async function untilMined(
  reader: PublicClient,
  hash: Hash,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<void> {
  const endMs = clock.nowMs() + timeoutMs
  while (clock.nowMs() < endMs) {
    try {
      await reader.getTransactionReceipt({ hash })
      return
    } catch (error) {
      // A node that is gone mines nothing any more.
      if (!(error instanceof TransactionReceiptNotFoundError)) return
    }
    await clock.sleep(receiptPollMs)
  }
}

function transferOf(round: bigint): Hash {
  return encodeFunctionData({
    abi: demoTokenAbi,
    functionName: 'transfer',
    args: [anvilAccount.address, round],
  })
}
