import { sumOf } from '@mooring/market/economy/money/mul-div'
import type { Hex, Keccak } from '@mooring/market/settlement/bytes'
import type { EpochNode, PreviousEpoch } from '@mooring/market/settlement/epoch-data'
import { defaultQualityRule } from '@mooring/market/settlement/quality'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import type { System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import { type EpochBooks, readEpochBooks } from '@mooring/store/ledger/epoch-books'
import { listReceipts } from '@mooring/store/ledger/relay-receipts'
import { addressOf } from '../chain/address.ts'
import {
  deploymentOf,
  type RegisteredNode,
  readGateways,
  readKeyOwners,
  readNodes,
  readSpan,
  readTariffs,
} from './chain-facts.ts'
import type { DueEpoch } from './due-epoch.ts'
import { fitReceipts, type LeftOut, recoverReceipts } from './fit-receipts.ts'

/** What is not in the file though gateways told it. */
export type Omissions = {
  receipts: Partial<Record<LeftOut, number>>
  /** Numbers of nodes that the registry does not have. */
  nodes: bigint[]
}

type Parts = { system: System; database: Database; keccak: Keccak }

/** All that an epoch's file is settled from. Its books are closed, so that it is the same whenever it is read. */
export async function readEpochInputs(
  { system, database, keccak }: Parts,
  due: DueEpoch,
  previous: PreviousEpoch | null,
): Promise<{ inputs: EpochInputs; omissions: Omissions }> {
  const span = { first: due.first, last: due.number }
  const books = await readEpochBooks(database.sql, span)
  const nodes = await readNodes(system, new Set(books.work.map(({ nodeId }) => nodeId)), due)
  const omissions: Omissions = { receipts: {}, nodes: strangersOf(books, nodes) }
  const leave = (why: LeftOut) => {
    omissions.receipts[why] = (omissions.receipts[why] ?? 0) + 1
  }
  const performance = books.work.filter(({ nodeId }) => nodes.has(nodeId))
  const deployment = deploymentOf(system)
  const stored = await listReceipts(database.sql, span)
  const recovered = await recoverReceipts(stored, deployment, { keccak, leave })
  const tariffs = await readTariffs(system, due)
  const facts = {
    tariffs,
    gateways: await readGateways(system, due),
    keyOwners: await readKeyOwners(system, new Set(recovered.map((one) => one.nodeKey)), due),
    rows: new Set(performance.map(({ nodeId, chain }) => `${nodeId} ${chain}`)),
  }
  const { receipts, keys } = fitReceipts(recovered, facts, leave)
  const inputs: EpochInputs = {
    ...{ version: 1, deployment, ...(await readSpan(system, due)) },
    ...{ previous, quality: defaultQualityRule, tariffs },
    ...creditsOf(books),
    gateways: [...new Set(receipts.map(({ gateway }) => gateway))].sort(),
    nodes: nodesOf(nodes, keys),
    ...{ performance, receipts },
  }
  return { inputs, omissions }
}

function strangersOf({ work }: EpochBooks, known: ReadonlyMap<bigint, unknown>): bigint[] {
  const strange = work.filter(({ nodeId }) => nodeId !== 0n && !known.has(nodeId))
  return [...new Set(strange.map(({ nodeId }) => nodeId))]
}

/** What was relayed is in `served` whoever relayed it, and a chain that was only relayed as well. */
function creditsOf({
  charges,
  served,
  work,
}: EpochBooks): Pick<EpochInputs, 'served' | 'charges' | 'uncollected'> {
  const charged = new Map(served.map((row) => [row.chain, row.charged]))
  const relayed = new Map<string, bigint>()
  for (const { chain, credits } of work) relayed.set(chain, (relayed.get(chain) ?? 0n) + credits)
  const uncollected =
    sumOf(served.map((row) => row.charged)) - sumOf(charges.map(({ credits }) => credits))
  if (uncollected < 0n) throw new Error('accounts were charged more than chains')
  return {
    served: [...new Set([...charged.keys(), ...relayed.keys()])].sort().map((chain) => ({
      ...{ chain, charged: charged.get(chain) ?? 0n, relayed: relayed.get(chain) ?? 0n },
    })),
    charges: charges.map(({ account, ...row }) => ({ ...row, account: addressOf(account) })),
    uncollected,
  }
}

function nodesOf(
  nodes: ReadonlyMap<bigint, RegisteredNode>,
  keys: ReadonlyMap<bigint, ReadonlySet<Hex>>,
): EpochNode[] {
  const all = [...nodes.values()].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1))
  return all.map(({ nodeId, providerId, signingKey }) => ({
    ...{ nodeId, providerId },
    keys: [...new Set([signingKey, ...(keys.get(nodeId) ?? [])])].sort(),
  }))
}
