import type { Hex, Keccak } from '@mooring/market/settlement/bytes'
import type { AccountCharge, EpochFile } from '@mooring/market/settlement/epoch-data'
import { createEpochFile } from '@mooring/market/settlement/epoch-file'
import { defaultQualityRule } from '@mooring/market/settlement/quality'
import {
  accumulatorOf,
  type Receipt,
  receiptDigests,
  type SignedReceipt,
} from '@mooring/market/settlement/receipts'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import type { Deployment } from '@mooring/onchain/deployment'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import { padHex, toHex } from 'viem'
import { privateKeyToAddress, sign } from 'viem/accounts'
import type { Plan } from './plan.ts'

/** What the chain says when the epoch is closed. */
export type ChainSide = Pick<EpochInputs, 'epoch' | 'state'> & {
  tariff: Hex
  deployment: Deployment
}

const oneAnkr = 10n ** 18n
const credits = 1_000_000n
/** A node serves this many chains. */
const chainsOfNode = 4
const windowRelays = 100n
const windows = 20n

/** Accounts whose number is known, so that some of them can be given deposits. */
export function accountNumber(number: number): Hex {
  return padHex(toHex(0x10_0000_0000 + number), { size: 20 })
}

/** An epoch in which everything happened that the plan says. Accounts and nodes are as alike as real ones are not. */
export async function largeEpoch(plan: Plan, chain: ChainSide, keccak: Keccak): Promise<EpochFile> {
  return createEpochFile(await inputsOf(plan, chain, keccak), keccak)
}

async function inputsOf(plan: Plan, chain: ChainSide, keccak: Keccak): Promise<EpochInputs> {
  const { chainId, parts } = chain.deployment
  const lower = (address: string) => address.toLowerCase() as Hex
  const deployment = {
    ...{ chainId, registry: lower(parts.registry), epochs: lower(parts.epochs) },
    distributor: lower(parts.distributor),
    ...{ ankrEscrow: lower(parts.ankrEscrow), stableEscrow: lower(parts.stableEscrow) },
  }
  const gateways = membersOf('gateway').sort((one, other) =>
    lower(one.address) < lower(other.address) ? -1 : 1,
  )
  const nodes = Array.from({ length: plan.providers * plan.nodesEach }, (_, at) => ({
    nodeId: BigInt(at + 1),
    providerId: BigInt(Math.floor(at / plan.nodesEach) + 1),
    keys: [lower(privateKeyToAddress(keyOf(at)))],
  }))
  const names = Array.from(
    { length: plan.chains },
    (_, at) => `chain_${String(at).padStart(3, '0')}`,
  )
  const performance = nodes.flatMap(({ nodeId }, at) => performanceOf(nodeId, at, names))
  const charges = Array.from({ length: plan.accounts }, (_, at): AccountCharge => chargeOf(at))
  const receipts = await receiptsOf(plan, {
    ...{ chain, performance, gatewayKeys: gateways.map(privateKeyOf) },
    digestOf: receiptDigests(deployment, keccak),
    gateways: gateways.map(({ address }) => lower(address)),
  })
  const share = (credits * BigInt(plan.accounts)) / BigInt(names.length)
  return {
    version: 1,
    ...{ deployment, epoch: chain.epoch, state: chain.state, previous: null },
    quality: defaultQualityRule,
    tariffs: [{ fromEpoch: 0n, hash: chain.tariff }],
    served: names.map((name) => ({
      chain: name,
      charged: share,
      relayed: performance.reduce((sum, row) => (row.chain === name ? sum + row.credits : sum), 1n),
    })),
    ...{ charges, uncollected: 0n, nodes, performance, receipts },
    gateways: gateways.map(({ address }) => lower(address)),
  }
}

function chargeOf(at: number): AccountCharge {
  const tokens = oneAnkr + BigInt(at)
  return { account: accountNumber(at), asset: 'ankr', credits, tokens }
}

function performanceOf(nodeId: bigint, at: number, names: readonly string[]) {
  const failed = BigInt(at % 1_000)
  const own = Math.min(names.length, chainsOfNode)
  const chains = Array.from({ length: own }, (_, place) => names[(at + place) % names.length] ?? '')
  return chains.sort().map((chain) => ({
    ...{ nodeId, chain, credits: 5_000_000n, late: 40n },
    ...{ asked: 100_000n, answered: 100_000n - failed, failed },
  }))
}

type Signing = {
  chain: ChainSide
  performance: EpochInputs['performance']
  gateways: readonly Hex[]
  gatewayKeys: readonly Hex[]
  digestOf: (receipt: Receipt) => Uint8Array
}

async function receiptsOf(plan: Plan, signing: Signing): Promise<SignedReceipt[]> {
  const receipts: SignedReceipt[] = []
  for (let at = 0; at < plan.receipts; at++) receipts.push(await receiptOf(at, signing))
  return receipts
}

async function receiptOf(at: number, signing: Signing): Promise<SignedReceipt> {
  const { chain, performance, gateways, gatewayKeys, digestOf } = signing
  const row = performance[at % performance.length]
  const gateway = gateways[at % gateways.length]
  const gatewayKey = gatewayKeys[at % gateways.length]
  if (!(row && gateway && gatewayKey)) throw new Error('there are nodes and gateways')
  const windowRoot = padHex(toHex(at + 1), { size: 32 })
  const receipt: Receipt = {
    ...{ nodeId: row.nodeId, chain: row.chain, gateway, epoch: chain.epoch.number, windowRoot },
    session: padHex(toHex(at + 1), { size: 32 }),
    ...{ number: windows, relays: windowRelays, credits: 100_000n },
    ...{ relaysSum: windows * windowRelays, creditsSum: windows * 100_000n },
    accumulator: accumulatorOf(windowRoot, windowRoot),
    tariff: chain.tariff,
  }
  const hash = toHex(digestOf(receipt))
  const [gatewaySignature, nodeSignature] = await Promise.all([
    sign({ hash, privateKey: gatewayKey, to: 'hex' }),
    sign({ hash, privateKey: keyOf(Number(row.nodeId) - 1), to: 'hex' }),
  ])
  return { ...receipt, gatewaySignature, nodeSignature }
}

function keyOf(at: number): Hex {
  return padHex(toHex(0x1000_0000 + at), { size: 32 })
}
