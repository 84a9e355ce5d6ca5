import { ppmScale } from '@mooring/protocol/units'
import type { Credits } from '../metering/holding.ts'
import type { RelayCounts } from '../settlement/quality.ts'
import type { Scenario, SimNode } from './scenario.ts'
import { draw, type Standing } from './selecting.ts'
import type { Used } from './using.ts'

/** A node of the scenario under the number that it is registered by. */
export type Numbered = { nodeId: bigint; providerId: bigint; node: SimNode }

/** What a node did for a chain, as books and receipts have it. */
export type Work = RelayCounts & {
  nodeId: bigint
  chain: string
  credits: Credits
  receipted: Credits
}

export type ChainUse = { chain: string; charged: Credits; relayed: Credits; work: Work[] }

export function numbered({ providers }: Pick<Scenario, 'providers'>): Numbered[] {
  return providers.flatMap(({ providerId, nodes }) =>
    nodes.map((node, at) => ({ nodeId: providerId * 1_000n + BigInt(at), providerId, node })),
  )
}

/** Who relayed what of one chain, in an epoch. */
export function workFor(
  chain: string,
  used: readonly Used[],
  { scenario, random }: { scenario: Scenario; random: () => number },
): ChainUse {
  const nodes = numbered(scenario).filter(({ node }) => node.chains.includes(chain))
  const work = new Map(nodes.map(({ nodeId }) => [nodeId, noWork(nodeId, chain)]))
  const sum = { chain, charged: 0n, relayed: 0n }
  let [selected, requests] = [0n, 0n]
  for (const { use, credits } of used.flatMap(({ uses }) => uses)) {
    if (use.chain !== chain) continue
    sum.charged += credits
    const relayed = credits - partOf(credits, use.cachedPart)
    const own = use.own === undefined ? 0n : partOf(relayed, use.own.part)
    const mine = nodes.filter(({ providerId }) => providerId === use.own?.providerId)
    for (const { nodeId } of mine) {
      addTo(work.get(nodeId), own / BigInt(mine.length), use.price)
    }
    const others = mine.length === 0 ? relayed : relayed - own
    selected += others
    requests += others / use.price
  }
  share(nodes, work, { selected, requests, random })
  for (const one of scenario.invented) {
    const node = nodes.find(({ providerId }) => providerId === one.providerId)
    const row = node === undefined ? undefined : work.get(node.nodeId)
    if (one.chain !== chain || row === undefined) continue
    row.credits += one.booked
    row.receipted += one.receipted
  }
  const rows = [...work.values()]
  for (const { credits } of rows) sum.relayed += credits
  return { ...sum, work: rows }
}

/** Divides what anybody may serve by whom gateways select. */
function share(
  nodes: readonly Numbered[],
  work: ReadonlyMap<bigint, Work>,
  { selected, requests, random }: { selected: Credits; requests: bigint; random: () => number },
): void {
  const standings: Standing[] = nodes.map(({ providerId, node }) => ({
    ...{ provider: String(providerId), node },
  }))
  const drawn = draw(standings, random)
  const all = BigInt(drawn.reduce((sum, answered) => sum + answered, 0))
  if (all === 0n) return
  for (const [at, { nodeId, node }] of nodes.entries()) {
    const [row, count] = [work.get(nodeId), BigInt(drawn[at] ?? 0)]
    if (row === undefined) continue
    const credits = (selected * count) / all
    row.credits += credits
    row.receipted += credits
    const answered = (requests * count) / all
    // As it comes to over many requests; so few as are drawn would make quality a matter of luck.
    const failed = partOf(answered, node.failsPart / (1 - node.failsPart))
    row.answered += answered
    row.failed += failed
    row.asked += answered + failed
    row.late += partOf(answered, node.latePart)
  }
}

function addTo(row: Work | undefined, credits: Credits, price: Credits): void {
  if (row === undefined) return
  row.credits += credits
  row.receipted += credits
  row.asked += credits / price
  row.answered += credits / price
}

function noWork(nodeId: bigint, chain: string): Work {
  const counts = { asked: 0n, answered: 0n, failed: 0n, late: 0n }
  return { nodeId, chain, ...counts, credits: 0n, receipted: 0n }
}

function partOf(credits: Credits, part: number): Credits {
  return (credits * BigInt(Math.round(part * Number(ppmScale)))) / ppmScale
}
