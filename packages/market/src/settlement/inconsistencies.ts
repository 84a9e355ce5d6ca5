import { ppmScale } from '@mooring/protocol/units'
import { sumOf } from '../economy/money/mul-div.ts'
import type { Credits } from '../metering/holding.ts'
import type { Keccak } from './bytes.ts'
import { type EpochData, firstEpochOf } from './epoch-data.ts'
import { payoutsRootOf } from './epoch-trees.ts'
import { problemsOfReceipt, type SignedReceipt } from './receipts.ts'
import { availableOf, type EpochInputs } from './settle-epoch.ts'

/** A member that is not what the rest of the data makes it. */
export type Difference = { path: string; expected: string; found: string }

/** What in the data contradicts itself, whatever the chain says; empty for data that can be settled. */
export function inconsistencies(data: EpochInputs, keccak: Keccak): Difference[] {
  return [
    ...spanProblems(data),
    ...previousProblems(data, keccak),
    ...tariffProblems(data),
    ...qualityProblems(data),
    ...creditProblems(data),
    ...nodeProblems(data),
    ...performanceProblems(data),
    ...receiptProblems(data),
  ]
}

function spanProblems({ epoch, previous }: EpochInputs): Difference[] {
  const first = firstEpochOf({ previous })
  return [
    ...unless(epoch.number >= first, ['epoch.number', `${first} or more`, epoch.number]),
    ...unless(epoch.to > epoch.from, ['epoch.to', `more than ${epoch.from}`, epoch.to]),
  ]
}

function previousProblems(data: EpochInputs, keccak: Keccak): Difference[] {
  const { previous, state } = data
  const given = state.fundedTotal - availableOf(data)
  const funds = unless(availableOf(data) >= 0n, [
    'state.fundedTotal',
    `${given} or more`,
    state.fundedTotal,
  ])
  if (previous === null) return funds
  const root = payoutsRootOf(previous.payouts, keccak)
  const total = sumOf(previous.payouts.map(({ cumulative }) => cumulative))
  const { payoutsRoot, payoutsTotal } = previous
  return [
    ...funds,
    ...unless(payoutsRoot === root, ['previous.payoutsRoot', root, payoutsRoot]),
    ...unless(payoutsTotal === total, ['previous.payoutsTotal', total, payoutsTotal]),
  ]
}

function tariffProblems({ tariffs, epoch, previous }: EpochInputs): Difference[] {
  const first = firstEpochOf({ previous })
  const [begin, last] = [tariffs[0]?.fromEpoch, tariffs.at(-1)?.fromEpoch]
  const at = `tariffs[${tariffs.length - 1}].fromEpoch`
  return [
    ...unless(begin === first, ['tariffs[0].fromEpoch', first, begin]),
    ...unless(last !== undefined && last <= epoch.number, [at, `at most ${epoch.number}`, last]),
  ]
}

function qualityProblems({ quality }: EpochInputs): Difference[] {
  const { floorPpm, targetPpm, latePpm } = quality
  const isAbove = targetPpm > floorPpm && targetPpm <= ppmScale
  const target = `more than ${floorPpm} and at most ${ppmScale}`
  return [
    ...unless(isAbove, ['quality.targetPpm', target, targetPpm]),
    ...unless(latePpm <= ppmScale, ['quality.latePpm', `at most ${ppmScale}`, latePpm]),
  ]
}

/** Chains were charged what accounts paid and nobody could, and of a chain nodes have no more than was relayed. */
function creditProblems(data: EpochInputs): Difference[] {
  const { charges, uncollected, served, performance } = data
  const charged = sumOf(charges.map(({ credits }) => credits)) + uncollected
  const forChains = sumOf(served.map((row) => row.charged))
  const booked = new Map<string, Credits>()
  for (const { chain, credits } of performance) {
    booked.set(chain, (booked.get(chain) ?? 0n) + credits)
  }
  return [
    ...unless(charged === forChains, [
      'served[].charged',
      `${charged} in all, as charges and uncollected have it`,
      forChains,
    ]),
    ...served.flatMap(({ chain, relayed }, at) => {
      const ofNodes = booked.get(chain) ?? 0n
      return unless(relayed >= ofNodes, [`served[${at}].relayed`, `${ofNodes} or more`, relayed])
    }),
  ]
}

/** A key belongs to one node for ever, so no two have the same. */
function nodeProblems({ nodes }: EpochInputs): Difference[] {
  const owners = new Map<string, bigint>()
  return nodes.flatMap(({ nodeId, keys }, at) =>
    keys.flatMap((key, place) => {
      const owner = owners.get(key)
      owners.set(key, nodeId)
      const path = `nodes[${at}].keys[${place}]`
      return unless(owner === undefined, [path, `another key than that of node ${owner}`, key])
    }),
  )
}

function performanceProblems({ nodes, served, performance }: EpochInputs): Difference[] {
  const known = new Set(nodes.map(({ nodeId }) => nodeId))
  const chains = new Set(served.map(({ chain }) => chain))
  return performance.flatMap(({ nodeId, chain, asked, answered, failed, late }, at) => {
    const path = `performance[${at}]`
    const [judged, inTime] = [answered + failed, late <= answered]
    return [
      ...unless(known.has(nodeId), [`${path}.nodeId`, 'a node of the list', nodeId]),
      ...unless(chains.has(chain), [`${path}.chain`, 'a chain that was served', chain]),
      ...unless(asked >= judged, [`${path}.asked`, `${judged} or more`, asked]),
      ...unless(inTime, [`${path}.late`, `at most ${answered}`, late]),
    ]
  })
}

function receiptProblems(data: EpochInputs): Difference[] {
  const gateways = new Set(data.gateways)
  const rows = new Set(data.performance.map(({ nodeId, chain }) => `${nodeId} ${chain}`))
  const sessions = new Map<string, string>()
  return data.receipts.flatMap((receipt, at) => {
    const path = `receipts[${at}]`
    const { session, nodeId, gateway, chain } = receipt
    const parties = `node ${nodeId} and gateway ${gateway}`
    const before = sessions.get(session) ?? parties
    sessions.set(session, before)
    return [
      ...problemsOfReceipt(receipt).map(({ member, expected }) => ({
        ...{ path: `${path}.${member}`, expected, found: String(receipt[member]) },
      })),
      ...epochProblems(data, receipt, path),
      ...unless(gateways.has(gateway), [`${path}.gateway`, 'a gateway of the list', gateway]),
      ...unless(rows.has(`${nodeId} ${chain}`), [
        `${path}.chain`,
        `a chain that node ${nodeId} has a row of`,
        chain,
      ]),
      ...unless(before === parties, [`${path}.session`, `the session of ${before} alone`, session]),
    ]
  })
}

function epochProblems(
  data: EpochInputs,
  { epoch, tariff }: SignedReceipt,
  path: string,
): Difference[] {
  const [first, last] = [firstEpochOf(data), data.epoch.number]
  const isClosed = epoch >= first && epoch <= last
  if (!isClosed) return unless(false, [`${path}.epoch`, `${first} to ${last}`, epoch])
  const inForce = tariffOf(data, epoch)
  return unless(tariff === inForce, [`${path}.tariff`, String(inForce), tariff])
}

function tariffOf({ tariffs }: Pick<EpochData, 'tariffs'>, epoch: bigint): string | undefined {
  return tariffs.findLast(({ fromEpoch }) => fromEpoch <= epoch)?.hash
}

function unless(
  holds: boolean,
  [path, expected, found]: readonly [path: string, expected: unknown, found: unknown],
): Difference[] {
  return holds ? [] : [{ path, expected: String(expected), found: String(found) }]
}
