import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { alternating } from './agreement.ts'

/** Upstreams asked where a tag stands. */
const asksMax = 3

/**
 * Where a tag stands: the highest block that two providers have reached, so that one which is ahead of the
 * truth makes nothing final. `unsupported`: all that answered do not know the tag.
 *
 * @returns Undefined when too few answered.
 */
export async function agreeOnTag(
  chain: ServedChain,
  tag: 'safe' | 'finalized',
  { turn, timeoutMs }: { turn: number; timeoutMs: number },
): Promise<number | 'unsupported' | undefined> {
  const fit = chain.upstreams.filter(({ assignable }) => assignable)
  const asked = alternating(fit, turn).slice(0, asksMax)
  const answers = await Promise.all(
    asked.map(async (upstream) => ({
      provider: upstream.provider,
      block: await readTag(chain, upstream, { tag, timeoutMs }),
    })),
  )
  const known = answers.filter(({ block }) => block !== undefined)
  if (known.length > 0 && known.every(({ block }) => block === 'unsupported')) return 'unsupported'
  const claims = answers.flatMap(({ provider, block }) =>
    typeof block === 'number' ? [{ provider, block }] : [],
  )
  const unsupported = new Set(
    answers.filter(({ block }) => block === 'unsupported').map(({ provider }) => provider),
  )
  // Who does not know the tag cannot be asked to agree.
  const able = new Set(fit.map(({ provider }) => provider).filter((each) => !unsupported.has(each)))
  return reachedBy(Math.max(1, Math.min(2, able.size)), claims)
}

/** The highest block that as many providers have reached; undefined when there are too few. */
export function reachedBy(
  needed: number,
  claims: readonly { provider: string; block: number }[],
): number | undefined {
  const providers = new Set<string>()
  for (const { provider, block } of claims.toSorted((a, b) => b.block - a.block)) {
    providers.add(provider)
    if (providers.size >= needed) return block
  }
  return undefined
}

async function readTag(
  { family }: ServedChain,
  upstream: Upstream,
  { tag, timeoutMs }: { tag: 'safe' | 'finalized'; timeoutMs: number },
): Promise<number | 'unsupported' | undefined> {
  const probe = family.probes.header(tag)
  const { answer } = await upstream.probe(probe, timeoutMs)
  if (answer.kind === 'result') {
    // Some nodes say null before anything is final.
    return answer.result === null ? undefined : family.parseHeader(answer.result)?.number
  }
  const { facts } = family.classify(answer, { method: probe.method })
  return facts.learn === 'tagUnsupported' || facts.failure === 'INVALID_PARAMS'
    ? 'unsupported'
    : undefined
}
