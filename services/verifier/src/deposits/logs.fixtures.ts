import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import { partNames } from '@mooring/onchain/deploy/plan'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Address, encodeAbiParameters, encodeEventTopics, type Hex, padHex, toHex } from 'viem'
import type { LogRead } from './receipt.ts'

export const hashOf = (number: number): Hex => padHex(toHex(number))
export const addressOf = (number: number): Hex => padHex(toHex(number), { size: 20 })

/** Who deposits. */
export const somebody = addressOf(0xa11ce)

/** No chain has it: for rules that only compare addresses. */
export const deployment = {
  chainId: 1,
  // Every part has an address of its own.
  parts: Object.fromEntries(partNames.map((part, at) => [part, addressOf(at + 1)])),
} as unknown as Deployment
const { ankr, ankrEscrow } = deployment.parts

export const depositLog = (
  escrow: Address,
  amount: bigint,
  logIndex: number,
  life = 0,
): LogRead => ({
  ...{ address: escrow, logIndex },
  topics: encodeEventTopics({
    ...{ abi: escrowAbi, eventName: 'Deposited' },
    args: { account: somebody, from: somebody },
  }) as Hex[],
  data: encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'bytes32' }, { type: 'uint32' }],
    [amount, hashOf(1), life],
  ),
})

export type Move = { token?: Address; from?: Address; to?: Address; value: bigint }

export const transferLog = (
  { token = ankr, from = somebody, to = ankrEscrow, value }: Move,
  logIndex: number,
): LogRead => ({
  ...{ address: token, logIndex },
  topics: encodeEventTopics({
    ...{ abi: ankrTokenAbi, eventName: 'Transfer' },
    args: { from, to },
  }) as Hex[],
  data: encodeAbiParameters([{ type: 'uint256' }], [value]),
})
