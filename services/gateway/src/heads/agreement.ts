import type { BlockHeader } from '@mooring/chains/family'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'

/** Providers that must say the same, where there are as many. */
const agreeing = 2
/** Most upstreams asked for one header. */
const asksMax = 6

type Votes = Map<string, { header: BlockHeader; providers: Set<string> }>

/** What upstreams said of one block. */
export type HeaderVotes = {
  /** As two providers describe it, or the only one there is. */
  agreed: BlockHeader | undefined
  /** All that was said, most providers first. */
  claimed: readonly BlockHeader[]
}

/**
 * The block of that number as two providers describe it, hash and parent alike, so that one that follows
 * another fork, or lies, decides nothing. Where one provider has reached the block alone, its word is taken.
 *
 * @param turn - Whom to ask first; another number spreads the questions.
 */
export async function agreeOnHeader(
  chain: ServedChain,
  number: number,
  { turn, timeoutMs }: { turn: number; timeoutMs: number },
): Promise<HeaderVotes> {
  const reached = chain.upstreams.filter(
    ({ assignable, headBlock = -1 }) => assignable && headBlock >= number,
  )
  const needed = Math.min(agreeing, new Set(reached.map(({ provider }) => provider)).size)
  const queue = alternating(reached, turn).slice(0, asksMax)
  const votes: Votes = new Map()
  while (queue.length > 0) {
    const missing = needed - mostVotes(votes)
    const asked = queue.splice(0, Math.max(1, missing))
    await Promise.all(asked.map((upstream) => ask(chain, upstream, { number, votes, timeoutMs })))
    if (mostVotes(votes) >= needed) break
  }
  const ranked = [...votes.values()].sort((a, b) => b.providers.size - a.providers.size)
  const [first] = ranked
  const isAgreed = first !== undefined && first.providers.size >= needed
  return {
    agreed: isAgreed ? first.header : undefined,
    claimed: ranked.map(({ header }) => header),
  }
}

/** One upstream of each provider, then the next of each, so that neighbours are of different providers. */
export function alternating(upstreams: readonly Upstream[], turn: number): Upstream[] {
  const byProvider = new Map<string, Upstream[]>()
  for (const upstream of upstreams) {
    const of = byProvider.get(upstream.provider)
    if (of === undefined) byProvider.set(upstream.provider, [upstream])
    else of.push(upstream)
  }
  const lanes = rotated([...byProvider.values()], turn).map((lane) => rotated(lane, turn))
  const longest = Math.max(0, ...lanes.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => lanes.flatMap((lane) => lane[at] ?? [])).flat()
}

function rotated<T>(items: readonly T[], turn: number): T[] {
  const by = items.length === 0 ? 0 : turn % items.length
  return [...items.slice(by), ...items.slice(0, by)]
}

function mostVotes(votes: Votes): number {
  return Math.max(0, ...[...votes.values()].map(({ providers }) => providers.size))
}

async function ask(
  { family }: ServedChain,
  upstream: Upstream,
  { number, votes, timeoutMs }: { number: number; votes: Votes; timeoutMs: number },
): Promise<void> {
  const { answer } = await upstream.probe(family.probes.header(number), timeoutMs)
  const header = answer.kind === 'result' ? family.parseHeader(answer.result) : undefined
  if (header?.number !== number) return
  const key = `${header.hash} ${header.parentHash}`
  const vote = votes.get(key) ?? { header, providers: new Set() }
  vote.providers.add(upstream.provider)
  votes.set(key, vote)
}
