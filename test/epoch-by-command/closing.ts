import type { Hex } from '@mooring/market/settlement/bytes'
import {
  type AccountCharge,
  asPrevious,
  type EpochData,
  type EpochFile,
} from '@mooring/market/settlement/epoch-data'
import { createEpochFile, encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import { defaultQualityRule } from '@mooring/market/settlement/quality'
import { accumulatorOf, type SignedReceipt } from '@mooring/market/settlement/receipts'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import { readPart } from '@mooring/onchain/contracts'
import { nameOf, signReceipt } from '@mooring/onchain/epoch.fixtures'
import { openKeccak } from '@mooring/onchain/keccak'
import { epochData, signAll } from '@mooring/onchain/signed'
import { membersOf } from '@mooring/testkit/economy/people'
import { keccak256, type LocalAccount, padHex, toHex } from 'viem'
import type { World } from '../economy-by-command/world.ts'

/** What a service that closes epochs will do, as far as a test needs it. */

const gateways = membersOf('gateway')
const verifiers = membersOf('verifier').slice(0, 2)

/** What one node did for one chain since the last closing. */
export type Work = {
  nodeId: bigint
  providerId: bigint
  key: LocalAccount
  chain: string
  booked: bigint
  receipted: bigint
  failed: bigint
}

export type Usage = { work: readonly Work[]; charges: readonly AccountCharge[] }

/** Reads what the chain has to say and settles. */
export async function closeEpoch(
  world: World,
  previous: EpochFile | undefined,
  usage: Usage,
): Promise<EpochFile> {
  const keccak = await openKeccak()
  const { number: block, hash } = await world.reader.getBlock()
  const at = { blockNumber: block }
  const number = (await readPart(world, 'params', 'currentEpoch', [], at)) - 1n
  const first = previous === undefined ? 0n : previous.data.epoch.number + 1n
  const { hash: tariff } = await readPart(world, 'priceBook', 'tableAt', [number], at)
  const inputs: EpochInputs = {
    version: 1,
    deployment: deploymentOf(world),
    epoch: {
      number,
      from: await readPart(world, 'params', 'epochStart', [first]),
      to: await readPart(world, 'params', 'epochStart', [number + 1n]),
    },
    state: {
      ...{ block, hash },
      fundedTotal: await readPart(world, 'distributor', 'fundedTotal', [], at),
    },
    previous: previous === undefined ? null : asPrevious(previous),
    quality: defaultQualityRule,
    tariffs: [{ fromEpoch: first, hash: tariff }],
    ...(await booksOf(world, usage, { number, tariff })),
  }
  return createEpochFile(inputs, keccak)
}

function deploymentOf({ deployment: { chainId, parts } }: World): EpochData['deployment'] {
  const lower = (address: string) => address.toLowerCase() as Hex
  return {
    chainId,
    registry: lower(parts.registry),
    epochs: lower(parts.epochs),
    distributor: lower(parts.distributor),
    ankrEscrow: lower(parts.ankrEscrow),
    stableEscrow: lower(parts.stableEscrow),
  }
}

async function booksOf(
  world: World,
  { work, charges }: Usage,
  { number, tariff }: { number: bigint; tariff: Hex },
): Promise<
  Pick<
    EpochInputs,
    'served' | 'charges' | 'uncollected' | 'gateways' | 'nodes' | 'performance' | 'receipts'
  >
> {
  const chains = [...new Set(work.map(({ chain }) => chain))].sort()
  const charged = charges.reduce((sum, { credits }) => sum + credits, 0n)
  const served = chains.map((chain, at) => ({
    chain,
    // The last one has what does not divide.
    charged: at === 0 ? charged - (charged / 3n) * BigInt(chains.length - 1) : charged / 3n,
    relayed: work.reduce((sum, row) => (row.chain === chain ? sum + row.booked : sum), 7n),
  }))
  const byNode = [...work].sort((one, other) =>
    one.nodeId === other.nodeId
      ? one.chain < other.chain
        ? -1
        : 1
      : Number(one.nodeId - other.nodeId),
  )
  const nodes = new Map(
    byNode.map(({ nodeId, providerId, key }) => [
      nodeId,
      { nodeId, providerId, keys: [nameOf(key)] },
    ]),
  )
  const receipts = await Promise.all(
    byNode.map((row, at) => receiptOf(world, row, { at, epoch: number, tariff })),
  )
  return {
    served,
    ...{ charges, uncollected: 0n },
    gateways: gateways.map(nameOf).sort(),
    nodes: [...nodes.values()],
    performance: byNode.map(({ nodeId, chain, booked, failed }) => ({
      ...{ nodeId, chain, credits: booked, asked: 1_000n, failed },
      ...{ answered: 1_000n - failed, late: 0n },
    })),
    receipts: receipts.sort((one, other) => (one.session < other.session ? -1 : 1)),
  }
}

function receiptOf(
  world: World,
  { nodeId, chain, receipted, key }: Work,
  { at, epoch, tariff }: { at: number; epoch: bigint; tariff: Hex },
): Promise<SignedReceipt> {
  const gateway = gateways[at % gateways.length]
  if (gateway === undefined) throw new Error('there are gateways')
  const windowRoot = padHex(toHex(at + 1), { size: 32 })
  const receipt = {
    ...{ nodeId, chain, gateway: nameOf(gateway), epoch, tariff, windowRoot },
    session: keccak256(toHex(`${epoch} ${nodeId} ${chain}`)),
    ...{ number: 1n, relays: 90n, relaysSum: 90n, credits: receipted, creditsSum: receipted },
    accumulator: accumulatorOf(undefined, windowRoot),
  }
  return signReceipt(deploymentOf(world), receipt, { gateway, node: key })
}

/** What is published: the file, and the roots that two verifiers have signed. Gives the paths of both. */
export async function publish(
  world: World,
  file: EpochFile,
): Promise<{ data: string; roots: string }> {
  const attempt = await readPart(world, 'epochs', 'attempt', [])
  const statement = epochData(world.deployment, { ...file.roots, attempt })
  const signatures = await signAll(verifiers, statement)
  const { number } = file.data.epoch
  return {
    data: await world.text(`data-${number}.json`, encodeEpochFile(file)),
    roots: await world.file(`roots-${number}.json`, { ...file.roots, signatures }),
  }
}
