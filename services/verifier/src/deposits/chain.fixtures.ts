import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import type { System } from '@mooring/onchain/contracts'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { askNode, type NodeAnswer } from '@mooring/testkit/ask-node'
import { player } from '@mooring/testkit/economy/people'
import { startEconomy } from '@mooring/testkit/economy/start'
import {
  type ScriptedReply,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  maxUint256,
  padHex,
  type TransactionReceipt,
} from 'viem'
import { createSources, type Sources, type SourcesOptions } from '../chain/sources.ts'

export const chainId = 31_337
/** Anvil answers before it has made the block. */
const receiptPollMs = 10
export const oneAnkr = 10n ** 18n
export const firstDepositMin = 1_000n * oneAnkr
/** What accounts of these tests name, told apart by a number. */
export const keyOf = (number: number): Hex => padHex(`0x${number.toString(16)}`)

/** Changes what a node answered. Not called for answers that are errors. */
export type Twist = (method: string, result: unknown, params: readonly unknown[]) => unknown

/** A node of the chain that lies, is silent or is slow when it is told to. */
export type Node = AsyncDisposable & {
  url: string
  /** What it was asked since the start. */
  requests: ScriptedUpstream['requests']
  lie(twist: Twist): void
  stall(): void
  beHonest(): void
}

type Call = { to?: Address; abi: Abi; functionName: string; args: readonly unknown[] }

/** One chain with the whole economy, and two nodes of it that a verifier asks. */
export type TestChain = AsyncDisposable & {
  anvil: Anvil
  system: System
  ankrEscrow: Address
  nodes: readonly [Node, Node]
  sources: Sources
  /** Others than `sources`, with the same nodes. */
  sourcesWith(options: Partial<SourcesOptions>): Sources
  /** One transaction in a block of its own; that it failed is no error. */
  send(from: Address, call: Call): Promise<TransactionReceipt>
  create(code: { abi: Abi; bytecode: Hex; args?: readonly unknown[] }): Promise<Address>
  /** Deposits ANKR of a player. The log of the deposit is the first of the transaction. */
  deposit(number: number, options?: { amount?: bigint; key?: Hex }): Promise<Deposit>
  /** Undoes blocks; what was in them waits to be included again, or is forgotten. */
  rollback(blocks: number, options: { forget: boolean }): Promise<void>
}

export type Deposit = { transactionHash: Hex; logIndex: number; receipt: TransactionReceipt }

export async function openTestChain(): Promise<TestChain> {
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ chainId }))
  const system: System = await startEconomy(anvil)
  const nodes = [stack.use(startNode(anvil.url)), stack.use(startNode(anvil.url))] as const
  const { ankr, ankrEscrow } = system.deployment.parts
  const urls = nodes.map(({ url }) => url)
  const sourcesWith = (options: Partial<SourcesOptions>) =>
    createSources({ urls, chainId, differPauseMs: 10, ...options })
  const send = async (from: Address, { to, ...call }: Call) => {
    const data = encodeFunctionData(call)
    return receiptOf(anvil, system, { from, to, data, gas: '0x4c4b40' })
  }
  const approved = new Set<number>()
  const kept = stack.move()
  return {
    ...{ anvil, system, ankrEscrow, nodes, sourcesWith, send },
    sources: sourcesWith({}),
    async create({ abi, bytecode, args }) {
      const data = encodeDeployData({ abi, bytecode, ...(args === undefined ? {} : { args }) })
      const from = player(8).address
      const { contractAddress } = await receiptOf(anvil, system, { from, data })
      if (!contractAddress) throw new Error('no contract was created')
      return contractAddress
    },
    async deposit(number, { amount = firstDepositMin, key = keyOf(number) } = {}) {
      const { address } = player(number)
      if (!approved.has(number)) {
        const args = [ankrEscrow, maxUint256]
        await send(address, { to: ankr, abi: ankrTokenAbi, functionName: 'approve', args })
        approved.add(number)
      }
      const call = { abi: escrowAbi, functionName: 'deposit', args: [amount, key] }
      const receipt = await send(address, { to: ankrEscrow, ...call })
      return { transactionHash: receipt.transactionHash, logIndex: 0, receipt }
    },
    async rollback(blocks, { forget }) {
      await anvil.ask('anvil_rollback', [blocks])
      if (forget) await anvil.ask('anvil_dropAllTransactions')
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Anvil signs for the accounts it funds, and makes a block for each transaction. */
async function receiptOf(
  anvil: Anvil,
  { reader }: System,
  transaction: Record<string, unknown>,
): Promise<TransactionReceipt> {
  // A hash, as its interface says.
  const hash = (await anvil.ask('eth_sendTransaction', [transaction])) as Hex
  return reader.waitForTransactionReceipt({ hash, pollingInterval: receiptPollMs })
}

function startNode(url: string): Node {
  const ask = async (method: string, params: readonly unknown[]): Promise<NodeAnswer> =>
    askNode(url, { method, params })
  const honest = async ({ method, params }: { method: string; params: readonly unknown[] }) =>
    ask(method, params)
  const upstream = startScriptedUpstream(honest)
  return {
    url: upstream.url,
    requests: upstream.requests,
    lie(twist) {
      upstream.follow(async ({ method, params = [] }): Promise<ScriptedReply> => {
        const answer = await ask(method, params)
        return 'result' in answer ? { result: twist(method, answer.result, params) } : answer
      })
    },
    stall: () => upstream.follow(() => 'stall'),
    beHonest: () => upstream.follow(honest),
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  }
}
