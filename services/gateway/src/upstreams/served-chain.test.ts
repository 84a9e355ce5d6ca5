import { describe, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import { policyOf } from '@mooring/chains/families/evm/methods'
import type { BlockNeed } from '@mooring/chains/family'
import { openHttpClient } from '@mooring/http-client/client'
import { selectUpstream } from './selection.ts'
import { ServedChain } from './served-chain.ts'
import { Upstream } from './upstream.ts'

type Facts = {
  provider: string
  name: string
  headBlock: number
  type?: 'archive' | 'full'
  pool?: string
}

/** A chain of upstreams, the first `heardOf` observed already; none is ever connected to. */
function chainOf(facts: readonly Facts[], heardOf = facts.length) {
  let nowMs = 0
  const clock = { nowMs: () => nowMs, wallMs: () => nowMs, sleep: () => Promise.resolve() }
  const upstreams = facts.map(({ provider, name, headBlock, type = 'full', pool }, index) => {
    const client = openHttpClient({
      url: new URL('http://127.0.0.1:9'),
      headers: {},
      connectionsMax: 1,
      answerBytesMax: 1,
      clock,
    })
    const config = { provider, name, url: '', type, headers: {}, inFlightMax: 8, pool }
    const upstream = new Upstream(config, { relays: client, probes: client, clock })
    upstream.chainId = 'right'
    if (index >= heardOf) return upstream
    upstream.recordAnswering(undefined, nowMs)
    upstream.headBlock = headBlock
    return upstream
  })
  const chain = new ServedChain({ definition: localOne, pollIntervalMs: 1_000 }, upstreams, {
    clock,
  })
  chain.review()
  return { chain, upstreams, pass: (ms: number) => (nowMs += ms) }
}

const at = (provider: string, headBlock: number): Facts => ({ provider, name: 'one', headBlock })

describe('the head of a served chain', () => {
  test('is what the nodes have that are left; whoever saw more is still told so', () => {
    const { chain, upstreams } = chainOf([at('a', 1_000), at('b', 1_000)])
    for (const upstream of upstreams) upstream.headBlock = 997
    chain.review()
    expect(chain.headBlock).toBe(997)
    expect(chain.isReached(1_000)).toBe(false)
    expect(chain.hasShown(1_000)).toBe(true)
    for (const upstream of upstreams) upstream.headBlock = 1_000
    chain.review()
    expect(chain.headBlock).toBe(1_000)
  })

  test('starts anew with the chain, which is known by its first block', () => {
    const { chain, upstreams } = chainOf([at('a', 1_000), at('b', 1_000), at('c', 1_000)])
    const tell = (hash: string, count: number) => {
      for (const upstream of upstreams.slice(0, count)) {
        upstream.genesisHash = hash
        upstream.headBlock = 5
      }
      return chain.noticeGenesis()
    }
    expect(tell('0xaa', 3)).toBe(false)
    const { scope } = chain
    chain.raiseFinal(4)
    // One of three may have been mixed up with another chain.
    expect(tell('0xbb', 1)).toBe(false)
    expect(chain.scope).toBe(scope)
    expect(tell('0xbb', 2)).toBe(true)
    expect(chain.headBlock).toBe(5)
    expect(chain.hasShown(1_000)).toBe(false)
    expect(chain.finalBlock).toBeUndefined()
    expect(chain.scope).not.toBe(scope)
  })

  test('may be passed by one node for a while, and not for good', () => {
    const { chain, upstreams, pass } = chainOf([at('a', 100), at('b', 100), at('c', 102)])
    expect(chain.headBlock).toBe(100)
    expect(chain.isPlausible(102)).toBe(true)
    expect(chain.isPlausible(9_000)).toBe(false)
    pass(2_001)
    chain.review()
    expect(chain.isPlausible(102)).toBe(false)
    for (const upstream of upstreams) upstream.headBlock = 102
    chain.review()
    if (upstreams[0] !== undefined) upstreams[0].headBlock = 103
    chain.review()
    expect(chain.isPlausible(103)).toBe(true)
  })

  test('when it takes back what was final, nothing known of the chain counts any more', () => {
    const { chain } = chainOf([at('a', 100), at('b', 100)])
    chain.raiseFinal(90)
    const { scope } = chain
    chain.replaced([{ number: 95, hash: '0xaa' }])
    expect(chain.scope).toBe(scope)
    chain.replaced([{ number: 90, hash: '0xbb' }])
    expect(chain.scope).not.toBe(scope)
    expect(chain.finalBlock).toBeUndefined()
  })

  test('does not move with a block that one upstream alone has shown, but asks the others at once', () => {
    const { chain, upstreams, pass } = chainOf([at('a', 100), at('b', 100)])
    const [first, second] = upstreams
    if (first === undefined || second === undefined) throw new Error('no upstream')
    pass(1_000)
    const { news } = chain
    chain.revealed(first, 101)
    expect(chain.headBlock).toBe(100)
    expect(news.aborted).toBe(true)
    chain.revealed(second, 101)
    expect(chain.headBlock).toBe(101)
  })

  test('is not known before more than one provider was heard, or all were', () => {
    const { chain, upstreams } = chainOf([at('liar', 9_000_000), at('b', 0), at('c', 0)], 1)
    expect(chain.headBlock).toBeUndefined()
    for (const upstream of upstreams.slice(1)) {
      upstream.recordAnswering(undefined, 0)
      upstream.headBlock = 100
    }
    chain.review()
    expect(chain.headBlock).toBe(100)
  })

  test('waits for all to be heard, but no longer than for one poll', () => {
    const facts = [at('a', 100), at('b', 98), at('c', 100), at('d', 100)]
    const { chain, pass } = chainOf(facts, 2)
    expect(chain.headBlock).toBeUndefined()
    pass(1_000)
    chain.review()
    expect(chain.headBlock).toBe(98)
  })

  test('does not leap after a lone claim while the others are silent', () => {
    const { chain, upstreams, pass } = chainOf([at('a', 100), at('b', 100), at('liar', 100)])
    const [first, second, liar] = upstreams
    first?.recordAnswering('timeout', 0)
    second?.recordAnswering('timeout', 0)
    if (liar !== undefined) liar.headBlock = 9_000_000
    chain.review()
    expect(chain.headBlock).toBe(100)
    if (liar !== undefined) liar.headBlock = 105
    pass(3_000)
    chain.review()
    expect(chain.headBlock).toBe(105)
  })
})

describe('the upstream for a request', () => {
  const rule = { providerShareMax: 1, random: () => 0, nowMs: 0 }
  const ask = (method: string, need: BlockNeed) => ({
    method,
    policy: policyOf(method),
    need,
    head: undefined as number | undefined,
    range: undefined,
    preferred: undefined,
    pools: [] as string[],
    isCommunity: false,
    tried: [] as Upstream[],
  })
  const picks = (chain: ServedChain, asked: ReturnType<typeof ask>) => {
    const ids = new Set<string | undefined>()
    for (let step = 0; step < 20; step++) {
      ids.add(selectUpstream(chain, asked, { ...rule, random: () => step / 20 })?.id)
    }
    return [...ids].sort()
  }

  test('is of no pool, or of one that the caller has; its own come first', () => {
    const { chain } = chainOf([at('a', 100), { ...at('b', 100), pool: 'blue' }])
    const asked = ask('eth_gasPrice', { kind: 'none' })
    expect(picks(chain, asked)).toEqual(['a/one'])
    expect(picks(chain, { ...asked, pools: ['green'] })).toEqual(['a/one'])
    expect(picks(chain, { ...asked, pools: ['green', 'blue'] })).toEqual(['b/one'])
    const [, blue] = chain.upstreams
    if (blue !== undefined) blue.inFlight = blue.inFlightMax
    expect(picks(chain, { ...asked, pools: ['blue'] })).toEqual(['a/one'])
  })

  test('is not taken out for others that its callers may not use', () => {
    const { chain, upstreams } = chainOf([at('a', 100), { ...at('b', 100), pool: 'blue' }])
    expect(upstreams.map((upstream) => chain.canSpare(upstream))).toEqual([false, true])
  })

  test('is one that serves everybody where the caller pays nothing', () => {
    const { chain, upstreams } = chainOf([at('a', 100), at('b', 100)])
    const [open, registered] = upstreams
    const stake = { perNode: 1n, times: 1 }
    if (registered !== undefined) {
      registered.staked = { nodeId: 1n, providerId: 1n, stake, community: false }
    }
    const asked = ask('eth_gasPrice', { kind: 'none' })
    expect(picks(chain, asked)).toEqual(['a/one', 'b/one'])
    expect(picks(chain, { ...asked, isCommunity: true })).toEqual(['a/one'])
    expect(upstreams.map((upstream) => chain.canSpare(upstream))).toEqual([false, true])
    if (open !== undefined) open.inFlight = open.inFlightMax
    expect(picks(chain, { ...asked, isCommunity: true })).toEqual([undefined] as never)
  })

  test('has reached the head when the newest state is asked', () => {
    const { chain } = chainOf([at('a', 100), at('b', 100), at('c', 98)])
    expect(picks(chain, ask('eth_call', { kind: 'head' }))).toEqual(['a/one', 'b/one'])
    expect(picks(chain, ask('eth_gasPrice', { kind: 'none' }))).toEqual(['a/one', 'b/one', 'c/one'])
    const old: BlockNeed = { kind: 'range', from: 90, to: 90 }
    expect(picks(chain, ask('eth_call', old))).toEqual(['a/one', 'b/one', 'c/one'])
  })

  test('has reached the head when the block that is final by now is asked', () => {
    const { chain } = chainOf([at('a', 100), at('b', 100), at('c', 98)])
    const final = ask('eth_getBlockByNumber', { kind: 'tag', tag: 'finalized' })
    expect(picks(chain, final)).toEqual(['a/one', 'b/one'])
  })

  test('has the block that this caller alone has seen, where one has', () => {
    const { chain } = chainOf([at('a', 100), at('b', 100), at('c', 101), at('d', 100)])
    expect(chain.headBlock).toBe(100)
    const seen = { ...ask('eth_getLogs', { kind: 'range', from: 90, to: 101 }), head: 101 }
    expect(picks(chain, seen)).toEqual(['c/one'])
    expect(picks(chain, { ...seen, head: 102 }).length).toBe(4)
  })

  test('is an archive for state that full nodes have dropped, where there is one', () => {
    const { chain } = chainOf([
      at('a', 1_000),
      at('b', 1_000),
      { ...at('c', 1_000), type: 'archive' },
    ])
    const old: BlockNeed = { kind: 'range', from: 5, to: 5 }
    expect(picks(chain, ask('eth_getBalance', old))).toEqual(['c/one'])
    expect(picks(chain, ask('eth_getBlockByNumber', old)).length).toBe(3)
  })

  test('is not one that said it lacks the method, the tag or the state', () => {
    const { chain, upstreams } = chainOf([at('a', 1_000), at('b', 1_000)])
    const [first] = upstreams
    first?.lessons.methodUnsupported('eth_getProof', 0)
    first?.lessons.methodUnsupported('tag safe', 0)
    first?.lessons.pruned(500, 0)
    expect(picks(chain, ask('eth_getProof', { kind: 'head' }))).toEqual(['b/one'])
    expect(picks(chain, ask('eth_call', { kind: 'tag', tag: 'safe' }))).toEqual(['b/one'])
    expect(picks(chain, ask('eth_call', { kind: 'range', from: 400, to: 400 }))).toEqual(['b/one'])
    expect(picks(chain, ask('eth_call', { kind: 'range', from: 900, to: 900 })).length).toBe(2)
  })

  test('is of another provider than the one that failed, where there is one', () => {
    const { chain, upstreams } = chainOf([
      at('a', 100),
      { ...at('a', 100), name: 'two' },
      at('b', 100),
    ])
    const [first] = upstreams
    if (first === undefined) throw new Error('no upstream')
    const again = { ...ask('eth_call', { kind: 'head' }), tried: [first] }
    expect(picks(chain, again)).toEqual(['b/one'])
  })

  test('is none that just failed either, on a second attempt', () => {
    const { chain, upstreams } = chainOf([at('a', 100), at('b', 100), at('c', 100), at('d', 100)])
    const [first, second] = upstreams
    if (first === undefined || second === undefined) throw new Error('no upstream')
    second.recordFailure({ class: 'BAD_GATEWAY', detail: '', atMs: 0 }, { isClear: true })
    const asked = ask('eth_call', { kind: 'head' })
    expect(picks(chain, asked).length).toBe(4)
    expect(picks(chain, { ...asked, tried: [first] })).toEqual(['c/one', 'd/one'])
  })

  test('is nobody when all are out', () => {
    const { chain, upstreams } = chainOf([at('a', 100)])
    upstreams[0]?.takeOut('operator', 'work', 0)
    chain.review()
    expect(picks(chain, ask('eth_call', { kind: 'head' }))).toEqual([undefined])
  })
})
