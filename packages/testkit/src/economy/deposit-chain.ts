import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import type { System } from '@mooring/onchain/contracts'
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
import { type Anvil, type AnvilOptions, startAnvil } from '../anvil.ts'
import { askNode, type NodeAnswer } from '../ask-node.ts'
import {
  type ScriptedReply,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '../scripted-upstream.ts'
import { loadEconomy } from './loaded.ts'
import { player } from './people.ts'

export const chainId = 31_337
/** Given, because an estimate would refuse what is meant to fail on chain. */
const gasOfCall = '0x4c4b40'
/** Anvil answers before it has made the block. */
const receiptPollMs = 10
export const oneAnkr = 10n ** 18n
export const firstDepositMin = 1_000n * oneAnkr
/** A key commitment, told apart by a number; a player's own is that of its number. */
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

/** One chain with the whole economy for tests about deposits, and two nodes of it that may lie. */
export type DepositChain = AsyncDisposable & {
  anvil: Anvil
  system: System
  ankrEscrow: Address
  nodes: readonly [Node, Node]
  /** One more node of the chain. Its opener ends it. */
  openNode(): Node
  /** One transaction in a block of its own; that it failed is no error. */
  send(from: Address, call: Call): Promise<TransactionReceipt>
  create(code: { abi: Abi; bytecode: Hex; args?: readonly unknown[] }): Promise<Address>
  /** Deposits ANKR of a player in a block of its own. */
  deposit(number: number, options?: { amount?: bigint; key?: Hex }): Promise<Deposit>
  /** The least deposit of several players, in this order in one block. */
  depositTogether(numbers: readonly number[]): Promise<Deposit[]>
  /** Undoes blocks; what was in them waits to be included again, or is forgotten. */
  rollback(blocks: number, options: { forget: boolean }): Promise<void>
  /** Both nodes call no block final after this one: anvil's own finality is two blocks behind its head. */
  holdFinality(block: bigint): void
}

export type Deposit = { transactionHash: Hex; logIndex: number; receipt: TransactionReceipt }

/** @param finalityBlocks - As of the anvil. */
export async function openDepositChain({
  finalityBlocks,
}: Pick<AnvilOptions, 'finalityBlocks'> = {}): Promise<DepositChain> {
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ chainId, finalityBlocks }))
  const system: System = await loadEconomy(anvil)
  const nodes = [stack.use(startNode(anvil.url)), stack.use(startNode(anvil.url))] as const
  const { ankr, ankrEscrow } = system.deployment.parts
  const send = async (from: Address, { to, ...call }: Call) => {
    const data = encodeFunctionData(call)
    return receiptOf(system, await sign(anvil, { from, to, data, gas: gasOfCall }))
  }
  const approved = new Set<number>()
  const approve = async (number: number) => {
    if (approved.has(number)) return
    const args = [ankrEscrow, maxUint256]
    const call = { to: ankr, abi: ankrTokenAbi, functionName: 'approve', args }
    await send(player(number).address, call)
    approved.add(number)
  }
  const begin = (number: number, { amount = firstDepositMin, key = keyOf(number) } = {}) => {
    const call = { abi: escrowAbi, functionName: 'deposit', args: [amount, key] } as const
    const data = encodeFunctionData(call)
    return sign(anvil, { from: player(number).address, to: ankrEscrow, data, gas: gasOfCall })
  }
  const kept = stack.move()
  return {
    ...{ anvil, system, ankrEscrow, nodes, send },
    openNode: () => startNode(anvil.url),
    async create({ abi, bytecode, args }) {
      const data = encodeDeployData({ abi, bytecode, ...(args === undefined ? {} : { args }) })
      const hash = await sign(anvil, { from: player(8).address, data })
      const { contractAddress } = await receiptOf(system, hash)
      if (!contractAddress) throw new Error('no contract was created')
      return contractAddress
    },
    async deposit(number, options) {
      await approve(number)
      return depositOf(await receiptOf(system, await begin(number, options)))
    },
    async depositTogether(numbers) {
      for (const number of numbers) await approve(number)
      await anvil.ask('evm_setAutomine', [false])
      const hashes: Hex[] = []
      for (const number of numbers) hashes.push(await begin(number))
      await anvil.mine(1)
      await anvil.ask('evm_setAutomine', [true])
      const receipts = await Promise.all(hashes.map((hash) => receiptOf(system, hash)))
      return receipts.map(depositOf)
    },
    async rollback(blocks, { forget }) {
      await anvil.ask('anvil_rollback', [blocks])
      if (forget) await anvil.ask('anvil_dropAllTransactions')
    },
    holdFinality(block) {
      const number = `0x${block.toString(16)}`
      for (const node of nodes) {
        node.lie((method, result, [asked]) =>
          method === 'eth_getBlockByNumber' && asked === 'finalized'
            ? { ...(result as object), number }
            : result,
        )
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Anvil signs for the accounts it funds, and makes a block for each transaction. */
async function sign(anvil: Anvil, transaction: Record<string, unknown>): Promise<Hex> {
  // A hash, as its interface says.
  return (await anvil.ask('eth_sendTransaction', [transaction])) as Hex
}

function receiptOf({ reader }: System, hash: Hex): Promise<TransactionReceipt> {
  return reader.waitForTransactionReceipt({ hash, pollingInterval: receiptPollMs })
}

/** The escrow tells of a deposit before it takes the tokens. */
function depositOf(receipt: TransactionReceipt): Deposit {
  const { transactionHash, logs } = receipt
  return { transactionHash, logIndex: logs[0]?.logIndex ?? -1, receipt }
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
