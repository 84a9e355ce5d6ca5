import { afterEach, describe, expect, test } from 'bun:test'
import {
  healthy,
  type Script,
  type ScriptedReply,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import { keccak256 } from 'viem'
import {
  type RpcAnswerBody,
  startTestGateway,
  type TestGateway,
  testChainId,
  until,
} from '../gateway.fixtures.ts'

/** Three upstreams of three providers, all at block 100, that follow the given scripts. */
function gatewayOver(...scripts: Script[]) {
  return gatewayAt([], ...scripts)
}

/** The same at heads of their own, 100 where none is given. */
async function gatewayAt(heads: readonly (() => number)[], ...scripts: Script[]) {
  const upstreams = scripts.map((rest, at) =>
    startScriptedUpstream(healthy({ chainId: testChainId, head: heads[at] ?? (() => 100), rest })),
  )
  opened.push(...upstreams)
  const providers = ['alpha', 'bravo', 'charlie', 'delta']
  const gateway = await startTestGateway(
    upstreams.map(({ url }, at) => ({ provider: providers[at] ?? 'echo', name: 'one', url })),
  )
  opened.push(gateway)
  return { gateway, upstreams }
}

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

const answering =
  (result: unknown): Script =>
  () => ({ result })
const failing =
  (reply: ScriptedReply): Script =>
  () =>
    reply

function countOf(upstreams: readonly ScriptedUpstream[], method: string): number {
  return upstreams.reduce(
    (sum, { requests }) => sum + requests.filter((request) => request.method === method).length,
    0,
  )
}

async function askUntil(gateway: TestGateway, method: string, happened: () => boolean) {
  const answers: unknown[] = []
  for (let at = 0; at < 200 && !happened(); at++) {
    answers.push(await gateway.call(method, [`0x${at.toString(16)}`, 'latest']))
  }
  return answers
}

describe('an upstream that fails', () => {
  const faults: [string, ScriptedReply][] = [
    ['with HTTP 500', { status: 500, body: 'oops' }],
    ['with a page of HTML', { status: 200, body: '<html><body>502</body></html>' }],
    ['with a truncated answer', { status: 200, body: '{"jsonrpc":"2.0","id":1,"resu' }],
    ["with another request's id", { status: 200, body: '{"jsonrpc":"2.0","id":9,"result":"0x1"}' }],
    ['with its rate limit', { status: 429, body: 'slow down' }],
    ['with an error nobody knows', { error: { code: -32099, message: 'zorp' } }],
    ['for want of old state', { error: { code: -32000, message: 'missing trie node abc' } }],
    ['for want of the method', { error: { code: -32601, message: 'the method does not exist' } }],
  ]
  test.each(faults)('%s costs the consumer nothing', async (_name, reply) => {
    const { gateway, upstreams } = await gatewayOver(failing(reply), answering('0x5'))
    const failed = () => countOf(upstreams.slice(0, 1), 'eth_getBalance') > 0
    const answers = await askUntil(gateway, 'eth_getBalance', failed)
    expect(failed()).toBe(true)
    for (const answer of answers) expect(answer).toMatchObject({ result: '0x5' })
  })

  test('three times in a row is cordoned, explained, and let back in on probation', async () => {
    const { gateway, upstreams } = await gatewayOver(
      failing({ status: 500, body: 'oops' }),
      answering('0x5'),
    )
    const first = async () => (await gateway.upstreams()).find(({ id }) => id === 'alpha/one')
    await askUntil(
      gateway,
      'eth_getBalance',
      () => countOf(upstreams.slice(0, 1), 'eth_getBalance') >= 3,
    )
    const out = await first()
    expect(out?.gates[0]).toMatchObject({ gate: 'CORDONED' })
    expect(out?.gates[0]?.reason).toContain('3 requests in a row failed, the last with BAD_GATEWAY')
    expect(out?.lastFailure).toMatchObject({
      class: 'BAD_GATEWAY',
      detail: expect.stringContaining('HTTP 500'),
    })
    const sent = countOf(upstreams.slice(0, 1), 'eth_getBalance')
    for (let at = 0; at < 50; at++) await gateway.call('eth_getBalance', [`0xff${at}`, 'latest'])
    expect(countOf(upstreams.slice(0, 1), 'eth_getBalance')).toBe(sent)
    upstreams[0]?.follow(healthy({ chainId: testChainId, head: () => 100, rest: answering('0x5') }))
    await until(async () => (await first())?.gates.length === 0, 8_000)
    expect((await first())?.onProbation).toBe(true)
  }, 15_000)

  test('by being down costs nothing, also when most of them are', async () => {
    const { gateway, upstreams } = await gatewayOver(
      answering('0x5'),
      answering('0x5'),
      answering('0x5'),
      answering('0x5'),
    )
    // Each request finds the one that is left, however many it tries in vain.
    for (const upstream of upstreams.slice(0, 3)) await upstream[Symbol.asyncDispose]()
    for (let at = 0; at < 20; at++) {
      expect(await gateway.call('eth_getBalance', [`0x${at}`, 'latest'])).toMatchObject({
        result: '0x5',
      })
    }
  })

  test('is never taken out when it is the last one', async () => {
    const { gateway } = await gatewayOver(failing({ status: 500, body: 'oops' }))
    for (let at = 0; at < 6; at++) await gateway.call('eth_getBalance', [`0x${at}`, 'latest'])
    expect((await gateway.upstreams())[0]?.gates).toEqual([])
  })

  test('is asked for only three times over all, and the consumer reads why', async () => {
    const oops = failing({ status: 500, body: 'oops' })
    const { gateway, upstreams } = await gatewayOver(oops, oops, oops, oops)
    const answer = await gateway.call('eth_getBalance', ['0x1', 'latest'])
    expect(answer.error).toMatchObject({
      code: -32063,
      data: { failure: 'UPSTREAM_FAILED', attempts: 3 },
    })
    expect(countOf(upstreams, 'eth_getBalance')).toBe(3)
  })
})

describe('what an error teaches', () => {
  test('a node that refuses a range is spared the wide ones, not the narrow ones', async () => {
    const narrow: Script = ({ params: [filter] }) => {
      const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string }
      return Number(toBlock) - Number(fromBlock) > 10
        ? { error: { code: -32005, message: 'block range is too wide' } }
        : { result: [] }
    }
    const { gateway, upstreams } = await gatewayOver(narrow, answering([]))
    const asked = () => countOf(upstreams.slice(0, 1), 'eth_getLogs')
    const wide = (at: number) =>
      gateway.call('eth_getLogs', [
        { fromBlock: `0x${at.toString(16)}`, toBlock: `0x${(at + 40).toString(16)}` },
      ])
    for (let at = 0; at < 100 && asked() === 0; at++) {
      expect(await wide(at % 40)).toMatchObject({ result: [] })
    }
    const learned = asked()
    expect(learned).toBe(1)
    for (let at = 0; at < 20; at++) await wide(at)
    expect(asked()).toBe(learned)
    for (let at = 0; at < 40; at++) {
      await gateway.call('eth_getLogs', [
        { fromBlock: `0x${(30 + at).toString(16)}`, toBlock: `0x${(31 + at).toString(16)}` },
      ])
    }
    expect(asked()).toBeGreaterThan(learned)
  })

  test('a node that fails what others answer is asked no more for that, whatever words it has', async () => {
    const odd = failing({ error: { code: -32603, message: 'Internal error' } })
    const { gateway, upstreams } = await gatewayOver(odd, answering('0x1'), answering('0x1'))
    const asked = () => countOf(upstreams.slice(0, 1), 'eth_getBalance')
    await askUntil(gateway, 'eth_getBalance', () => asked() >= 5)
    const [first] = await gateway.upstreams()
    expect(first?.unsupportedMethods).toMatchObject([{ method: 'eth_getBalance' }])
    expect(first?.lastFailure).toMatchObject({ class: 'UNKNOWN' })
    expect(first?.score).toBeLessThan(10)
  })

  test('odd requests of one caller take no node out, though one of the nodes answers them', async () => {
    const strict: Script = ({ method, params }) =>
      method === 'eth_call' && (params[0] as { data?: string }).data === '0xbad'
        ? { error: { code: -32099, message: 'zorp' } }
        : { result: '0x1' }
    const { gateway } = await gatewayOver(strict, strict, answering('0x1'))
    for (let round = 0; round < 8; round++) {
      const odd = Array.from({ length: 4 }, (_, at) =>
        gateway.call('eth_call', [{ to: `0x${round}a${at}`, data: '0xbad' }, 'latest']),
      )
      const usual = Array.from({ length: 40 }, (_, at) =>
        gateway.call('eth_call', [{ to: `0x${round}b${at}` }, 'latest']),
      )
      for (const { result } of await Promise.all([...odd, ...usual])) expect(result).toBe('0x1')
    }
    for (const { gates, unsupportedMethods } of await gateway.upstreams()) {
      expect([gates, unsupportedMethods]).toEqual([[], []])
    }
  })

  test('a node that fails at one method only is not asked for it, and is for others', async () => {
    const halting: Script = ({ method }) =>
      method === 'eth_call'
        ? { error: { code: -32603, message: 'Internal error' } }
        : { result: '0x1' }
    const { gateway, upstreams } = await gatewayOver(halting, answering('0x1'))
    const asked = (method: string) => countOf(upstreams.slice(0, 1), method)
    const call = (at: number) =>
      gateway.call('eth_call', [{ to: `0x${at.toString(16)}` }, 'latest'])
    for (let at = 0; asked('eth_call') < 5 && at < 200; at++) {
      expect((await call(at)).result).toBe('0x1')
      // Between the failures it does well.
      const balances = asked('eth_getBalance')
      for (let n = 0; asked('eth_getBalance') === balances && n < 50; n++) {
        await gateway.call('eth_getBalance', [`0x${at}f${n}`, 'latest'])
      }
    }
    const [first] = await gateway.upstreams()
    expect(first?.gates).toEqual([])
    expect(first?.unsupportedMethods).toMatchObject([{ method: 'eth_call' }])
    for (let at = 200; at < 230; at++) expect((await call(at)).result).toBe('0x1')
    expect(asked('eth_call')).toBe(5)
  })

  test('invented methods do not wash away what was learned of a real one', async () => {
    const lacks: Script = ({ method }) =>
      method === 'eth_getBalance'
        ? { result: '0x1' }
        : { error: { code: -32601, message: 'the method does not exist' } }
    const { gateway } = await gatewayOver(lacks)
    await gateway.call('eth_getProof', ['0x1', [], 'latest'])
    for (let at = 0; at < 300; at++) await gateway.call(`eth_fake${at}`, [])
    await gateway.call('eth_getProof', ['0x1', [], 'latest'])
    const [first] = await gateway.upstreams()
    expect(first?.unsupportedMethods.map(({ method }) => method)).toContain('eth_getProof')
  })

  test('errors that a consumer can provoke on any node take none of them out', async () => {
    const odd = failing({ error: { code: -32099, message: 'zorp' } })
    const { gateway } = await gatewayOver(odd, odd, odd)
    for (let at = 0; at < 10; at++) {
      const { error } = await gateway.call('eth_getBalance', [`0x${at}`, 'latest'])
      expect(error).toMatchObject({ code: -32099, message: 'zorp' })
    }
    for (const { gates } of await gateway.upstreams()) expect(gates).toEqual([])
  })

  test('a node that calls the newest block pruned is not believed', async () => {
    const confused = failing({ error: { code: -32000, message: 'missing trie node abc' } })
    const { gateway } = await gatewayOver(confused, answering('0x1'))
    for (let at = 0; at < 10; at++) await gateway.call('eth_getBalance', [`0x${at}`, '0x64'])
    for (const { earliestStateBlock } of await gateway.upstreams()) {
      expect(earliestStateBlock).toBeNull()
    }
  })

  test('a block at the head that no node has yet is asked for again one block later', async () => {
    let arrived = false
    const late: Script = () =>
      arrived ? { result: '0x9' } : { error: { code: -32000, message: 'header not found' } }
    const { gateway } = await gatewayOver(late, late)
    setTimeout(() => {
      arrived = true
    }, 200)
    const trace = await gateway.trace('eth_getBalance', ['0x1', '0x64'])
    expect(trace.result).toBe('ok')
    expect(trace.attempts.at(-1)).toMatchObject({ reason: 'next block', outcome: 'ok' })
  })
})

describe('an answer that is final', () => {
  test('a revert returns at once with its code and data, and counts as a success', async () => {
    const data = '0x08c379a0'
    const revert = failing({ error: { code: 3, message: 'execution reverted: rate limit', data } })
    const { gateway, upstreams } = await gatewayOver(revert, revert)
    const answer = await gateway.call('eth_call', [{ to: '0x1' }, 'latest'])
    expect(answer.error).toEqual({ code: 3, message: 'execution reverted: rate limit', data })
    expect(countOf(upstreams, 'eth_call')).toBe(1)
    for (const { failures } of await gateway.upstreams()) expect(failures).toBe(0)
  })

  test("a caller's fault returns at once in the node's own words", async () => {
    const message = 'invalid argument 0: hex string without 0x prefix'
    const refuse = failing({ error: { code: -32602, message } })
    const { gateway, upstreams } = await gatewayOver(refuse, refuse)
    expect((await gateway.call('eth_getBalance', ['12', 'latest'])).error).toEqual({
      code: -32602,
      message,
    })
    expect(countOf(upstreams, 'eth_getBalance')).toBe(1)
  })
})

describe('a null', () => {
  test('for what another node has is not passed on', async () => {
    const transaction = { hash: '0xaa', blockNumber: '0x10' }
    const { gateway, upstreams } = await gatewayOver(answering(null), answering(transaction))
    const params = ['0xaa']
    for (let at = 0; at < 20; at++) {
      expect(await gateway.call('eth_getTransactionByHash', params)).toMatchObject({
        result: transaction,
      })
    }
    expect(countOf(upstreams.slice(0, 1), 'eth_getTransactionByHash')).toBeGreaterThan(0)
  })

  test('is believed when a second provider says it too', async () => {
    const { gateway, upstreams } = await gatewayOver(
      answering(null),
      answering(null),
      answering(null),
    )
    expect(await gateway.call('eth_getTransactionReceipt', ['0xbb'])).toMatchObject({
      result: null,
    })
    expect(countOf(upstreams, 'eth_getTransactionReceipt')).toBe(2)
  })

  test('for a block above the head is the truth', async () => {
    const { gateway, upstreams } = await gatewayOver(answering(null), answering(null))
    await gateway.call('eth_getBlockByNumber', ['0xfffff', false])
    const asked = upstreams.flatMap(({ requests }) =>
      requests.filter(({ params }) => params[0] === '0xfffff'),
    )
    expect(asked.length).toBe(1)
  })
})

describe('a slow upstream', () => {
  test('is raced by another one, and the trace tells it', async () => {
    let slow = false
    const sluggish: Script = async () => {
      if (slow) await Bun.sleep(700)
      return { result: '0x5' }
    }
    const { gateway, upstreams } = await gatewayOver(sluggish, answering('0x5'))
    // Until the upstreams' usual answer times are known.
    await Promise.all(
      Array.from({ length: 120 }, (_, at) => gateway.call('eth_getBalance', [`0x${at}`, 'latest'])),
    )
    slow = true
    let hedged: Awaited<ReturnType<TestGateway['trace']>> | undefined
    for (let at = 0; at < 40 && hedged === undefined; at++) {
      const trace = await gateway.trace('eth_getBalance', [`0xabc${at}`, 'latest'])
      if (trace.attempts.some(({ reason }) => reason === 'hedge')) hedged = trace
    }
    expect(hedged?.result).toBe('ok')
    expect(hedged?.totalMs).toBeLessThan(600)
    expect(hedged?.attempts).toMatchObject([
      { upstream: 'alpha/one', reason: 'first', outcome: 'outrun' },
      { upstream: 'bravo/one', reason: 'hedge', outcome: 'ok' },
    ])
    expect(upstreams.length).toBe(2)
  })
})

describe('an upstream that never answers', () => {
  test('is not waited for when the one that was raced against it fails', async () => {
    const { gateway, upstreams } = await gatewayOver(
      () => 'stall',
      failing({ error: { code: -32000, message: 'header not found' } }),
      answering('0x5'),
    )
    const traces = await Promise.all(
      Array.from({ length: 12 }, (_, at) => gateway.trace('eth_getBalance', [`0x${at}`, '0x64'])),
    )
    for (const { result, totalMs } of traces) {
      expect(result).toBe('ok')
      // One that stalls is given up after three seconds.
      expect(totalMs).toBeLessThan(2_500)
    }
    expect(countOf(upstreams.slice(0, 1), 'eth_getBalance')).toBeGreaterThan(0)
  })
})

describe('when every upstream has as much as it may', () => {
  test('a further request is told that they are busy, not that none is there', async () => {
    const slowly: Script = async () => {
      await Bun.sleep(200)
      return { result: '0x1' }
    }
    const upstream = startScriptedUpstream(
      healthy({ chainId: testChainId, head: () => 100, rest: slowly }),
    )
    opened.push(upstream)
    const only = { provider: 'alpha', name: 'one', url: upstream.url, inFlightMax: 2 }
    const gateway = await startTestGateway([only])
    opened.push(gateway)
    const answers = await Promise.all(
      Array.from({ length: 3 }, (_, at) => gateway.call('eth_getBalance', [`0x${at}`, 'latest'])),
    )
    expect(answers.filter(({ result }) => result === '0x1').length).toBe(2)
    expect(answers.find(({ error }) => error !== undefined)?.error).toMatchObject({
      data: { failure: 'OVERLOADED' },
    })
  })
})

describe('identical requests in flight', () => {
  test('share one relay, each with its own id', async () => {
    const slowly: Script = async () => {
      await Bun.sleep(100)
      return { result: '0x7' }
    }
    const { gateway, upstreams } = await gatewayOver(slowly)
    const ask = async (id: number) => {
      const body = { jsonrpc: '2.0', id, method: 'eth_call', params: [{ to: '0x1' }, 'latest'] }
      return (await gateway.post(JSON.stringify(body))).json()
    }
    const answers = await Promise.all([1, 2, 3, 4, 5].map(ask))
    expect(answers).toEqual([1, 2, 3, 4, 5].map((id) => ({ jsonrpc: '2.0', id, result: '0x7' })))
    expect(countOf(upstreams, 'eth_call')).toBe(1)
  })

  test('that may write are never shared', async () => {
    const slowly: Script = async () => {
      await Bun.sleep(50)
      return { result: '0x7' }
    }
    const { gateway, upstreams } = await gatewayOver(slowly)
    await Promise.all([1, 2, 3].map(() => gateway.call('eth_doSomething', [])))
    expect(countOf(upstreams, 'eth_doSomething')).toBe(3)
  })
})

describe('a method nobody knows', () => {
  test('is relayed once and not tried again: it may write', async () => {
    const oops = failing({ status: 500, body: 'oops' })
    const { gateway, upstreams } = await gatewayOver(oops, oops, oops)
    const answer = await gateway.call('eth_doSomething', [])
    expect(answer.error).toMatchObject({
      code: -32092,
      message: expect.stringContaining('may have been carried out'),
      data: { failure: 'OUTCOME_UNKNOWN' },
    })
    expect(countOf(upstreams, 'eth_doSomething')).toBe(1)
  })

  test('moves on when a node says it does not have it, and is then left alone by all', async () => {
    const lacks = failing({ error: { code: -32601, message: 'the method does not exist' } })
    const { gateway, upstreams } = await gatewayOver(lacks, lacks)
    for (let at = 0; at < 3; at++) {
      const { error } = await gateway.call('eth_doSomething', [])
      expect(error).toMatchObject({ code: -32601 })
    }
    expect(countOf(upstreams, 'eth_doSomething')).toBe(2)
  })

  test('is not moved on by words alone that say it was not there', async () => {
    const executed = failing({ error: { code: -32000, message: 'inner method not found' } })
    const { gateway, upstreams } = await gatewayOver(executed, executed)
    await gateway.call('eth_doSomething', [])
    expect(countOf(upstreams, 'eth_doSomething')).toBe(1)
  })

  test('of a namespace nobody knows is relayed only where the operator names it', async () => {
    const { gateway, upstreams } = await gatewayOver(answering('done'))
    expect((await gateway.call('vendor_doSomething', [])).error).toMatchObject({ code: -32601 })
    expect(countOf(upstreams, 'vendor_doSomething')).toBe(0)
    const url = upstreams[0]?.url ?? ''
    await using open = await startTestGateway([{ provider: 'alpha', name: 'one', url }], {
      relayedNamespaces: ['vendor'],
    })
    expect(await open.call('vendor_doSomething', [])).toMatchObject({ result: 'done' })
  })
})

describe('a signed transaction', () => {
  const raw = '0x02f86c0180843b9aca00843b9aca0082520894000000000000000000000000000000000000dead80c0'
  const hash = keccak256(raw)
  const send = (gateway: TestGateway) => gateway.call('eth_sendRawTransaction', [raw])

  test('is known to its sender at once, though only one node has it', async () => {
    const pools = [0, 1, 2].map(() => ({ count: 4 }))
    const scripts = pools.map(
      (pool): Script =>
        ({ method }) => {
          if (method !== 'eth_sendRawTransaction') return { result: `0x${pool.count.toString(16)}` }
          pool.count++
          return { result: hash }
        },
    )
    const { gateway } = await gatewayOver(...scripts)
    const nonce = async (id: number) => {
      const params = [`0x${'ab'.repeat(20)}`, 'pending']
      const body = JSON.stringify({ id, method: 'eth_getTransactionCount', params })
      return ((await (await gateway.post(body)).json()) as RpcAnswerBody).result
    }
    expect(await nonce(0)).toBe('0x4')
    await send(gateway)
    const nonces = await Promise.all(Array.from({ length: 30 }, (_, at) => nonce(at)))
    expect(new Set(nonces)).toEqual(new Set(['0x5']))
  })

  test('that is in a block is not called pending again by the node that took it and lags', async () => {
    let mined = false
    const behind: Script = ({ method }) =>
      method === 'eth_sendRawTransaction'
        ? { result: hash }
        : { result: { hash, blockNumber: null } }
    const ahead: Script = ({ method }) => {
      if (method === 'eth_sendRawTransaction') return { status: 502, body: '' }
      return { result: mined ? { hash, blockNumber: '0x65' } : null }
    }
    const heads = [() => 100, () => (mined ? 101 : 100), () => (mined ? 101 : 100)]
    const { gateway } = await gatewayAt(heads, behind, ahead, ahead)
    expect((await send(gateway)).result).toBe(hash)
    const blockOf = async () => {
      const { result } = await gateway.call('eth_getTransactionByHash', [hash])
      return (result as { blockNumber: string | null } | null)?.blockNumber
    }
    expect(await blockOf()).toBe(null)
    mined = true
    await until(async () => (await gateway.call('eth_blockNumber')).result === '0x65')
    for (let at = 0; at < 20; at++) expect(await blockOf()).toBe('0x65')
  })

  test('that a node knows already is a success with its hash', async () => {
    const known = failing({ error: { code: -32000, message: 'already known' } })
    const { gateway, upstreams } = await gatewayOver(known, known)
    expect((await send(gateway)).result).toMatch(/^0x[0-9a-f]{64}$/)
    expect(countOf(upstreams, 'eth_sendRawTransaction')).toBe(1)
  })

  test('whose nonce is used is looked up: found is a success', async () => {
    const mined: Script = ({ method }) =>
      method === 'eth_getTransactionByHash'
        ? { result: { hash: '0xaa' } }
        : { error: { code: -32000, message: 'nonce too low: next nonce 5, tx nonce 4' } }
    const { gateway } = await gatewayOver(mined, mined)
    expect((await send(gateway)).result).toMatch(/^0x[0-9a-f]{64}$/)
  })

  test('whose nonce was used by another one keeps its error', async () => {
    const other: Script = ({ method }) =>
      method === 'eth_getTransactionByHash'
        ? { result: null }
        : { error: { code: -32000, message: 'nonce too low: next nonce 5, tx nonce 4' } }
    const { gateway } = await gatewayOver(other, other)
    expect((await send(gateway)).error).toEqual({
      code: -32000,
      message: 'nonce too low: next nonce 5, tx nonce 4',
    })
  })

  test('goes to another node when the first breaks: its hash makes that safe', async () => {
    const { gateway } = await gatewayOver(
      failing({ status: 502, body: '' }),
      failing({ status: 502, body: '' }),
      answering(hash),
    )
    for (let at = 0; at < 3; at++) expect((await send(gateway)).result).toBe(hash)
  })

  test('that a node may have taken is looked up before a failure is told', async () => {
    const took: Script = ({ method }) =>
      method === 'eth_getTransactionByHash' ? { result: { hash } } : { status: 502, body: '' }
    const full: Script = ({ method }) =>
      method === 'eth_getTransactionByHash'
        ? { result: null }
        : { error: { code: -32000, message: 'txpool is full' } }
    const { gateway } = await gatewayOver(took, full, full)
    for (let at = 0; at < 6; at++) {
      const { error, result } = await send(gateway)
      // Where the nodes that are full were asked alone, theirs is the answer.
      if (error === undefined) expect(result).toBe(hash)
      else expect(error.message).toBe('txpool is full')
    }
  })

  test('that a node answers with null or another hash is not taken for sent', async () => {
    for (const wrong of [null, `0x${'ab'.repeat(32)}`]) {
      const odd: Script = ({ method }) => ({
        result: method === 'eth_getTransactionByHash' ? null : wrong,
      })
      const { gateway } = await gatewayOver(odd)
      expect((await send(gateway)).error).toMatchObject({ data: { failure: 'UPSTREAM_MALFORMED' } })
    }
  })

  test('of a type whose hash cannot be told is sent once', async () => {
    const oops = failing({ status: 502, body: '' })
    const { gateway, upstreams } = await gatewayOver(oops, oops, oops)
    await gateway.call('eth_sendRawTransaction', ['0x71c0'])
    expect(countOf(upstreams, 'eth_sendRawTransaction')).toBe(1)
  })

  test('is never hedged, however slow the node', async () => {
    const slowly: Script = async () => {
      await Bun.sleep(600)
      return { result: hash }
    }
    const { gateway, upstreams } = await gatewayOver(slowly, slowly)
    await send(gateway)
    expect(countOf(upstreams, 'eth_sendRawTransaction')).toBe(1)
  })
})
