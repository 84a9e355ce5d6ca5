import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startActor } from '../actor.ts'
import { type Anvil, anvilAccount, startAnvil } from '../anvil.ts'
import { askNode, resultFrom } from '../ask-node.ts'
import { seededRandom } from '../random.ts'
import type { FailureKind, Faults } from './faults.ts'
import { createFork, type Fork } from './fork.ts'
import { type Front, startFront } from './front.ts'
import { claimedAheadBlocks } from './lying.ts'

const { address } = anvilAccount
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

let anvil: Anvil
let fork: Fork
let front: Front
/** The newest block, its transaction, and how many blocks up to it hold one transaction each. */
let newest: { block: number; blockHash: string; transactionHash: string; transactions: number }

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  fork = createFork(anvil)
  front = await startFront({
    chain: 'local_one',
    provider: 'alpha',
    node: 'one',
    nodeUrl: anvil.url,
    fork,
    random: seededRandom(7),
  })
  await anvil.mine(20)
  const actor = await startActor({ url: anvil.url, chainId: 31_337, intervalMs: 10 })
  while (actor.sent < 4) await Bun.sleep(5)
  await actor.stop()
  const block = await anvil.headBlock()
  const header = (await anvil.ask('eth_getBlockByNumber', [hex(block), false])) as {
    hash: string
    transactions: [string]
  }
  newest = {
    block,
    blockHash: header.hash,
    transactionHash: header.transactions[0],
    transactions: actor.sent,
  }
})

afterAll(async () => {
  await front?.stop()
  await fork?.stop()
  await anvil?.stop()
})

/** Runs the test with the faults in force and takes them away after it. */
async function withFaults(faults: Partial<Faults>, run: () => Promise<void>): Promise<void> {
  await front.set(faults)
  try {
    await run()
  } finally {
    await front.reset()
  }
}

const hex = (value: number) => `0x${value.toString(16)}`
const ask = (method: string, params: readonly unknown[] = []) =>
  resultFrom(front.url, method, params)
const errorOf = async (method: string, params: readonly unknown[]) => {
  const answer = await askNode(front.url, { method, params })
  return 'error' in answer ? answer.error : undefined
}
const post = (body: unknown, timeoutMs = 2_000) =>
  fetch(front.url, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  })
const question = (method: string, id: unknown = 1, params: readonly unknown[] = []) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

describe('a healthy front', () => {
  test('answers as its node does, byte for byte', async () => {
    const body = JSON.stringify(question('eth_getBlockByNumber', 'a', ['latest', true]))
    const headers = { 'content-type': 'application/json' }
    const [honest, passed] = await Promise.all(
      [anvil.url, front.url].map(async (url) =>
        (await fetch(url, { method: 'POST', body, headers })).text(),
      ),
    )
    expect(passed).toBe(honest)
  })

  test('answers batches', async () => {
    const answers = await (await post([question('eth_chainId', 1), question('x', 2)])).json()
    expect(answers).toMatchObject([
      { id: 1, result: '0x7a69' },
      { id: 2, error: { code: -32601 } },
    ])
  })

  test('counts requests by method, each member of a batch for itself', async () => {
    const before = { total: front.requestsTotal, ids: front.requests.eth_chainId ?? 0 }
    await post([question('eth_chainId', 1), question('eth_chainId', 2)])
    expect(front.requests.eth_chainId).toBe(before.ids + 2)
    expect(front.requestsTotal).toBe(before.total + 2)
  })

  test('hands a body that is no request to its node', async () => {
    expect(await (await post('nonsense')).json()).toMatchObject({ error: { code: -32600 } })
  })
})

describe('a front that lags 5 blocks', () => {
  const lagBlocks = 5
  const lagging = (run: (headBlock: number) => Promise<void>) => () =>
    withFaults({ lagBlocks }, () => run(newest.block - lagBlocks))

  test(
    'says an older head',
    lagging(async (head) => {
      expect(await ask('eth_blockNumber')).toBe(hex(head))
      expect(await ask('eth_getBlockByNumber', ['latest', false])).toMatchObject({
        number: hex(head),
      })
      expect(await ask('eth_getBlockByNumber', ['pending', false])).toMatchObject({
        number: hex(head),
      })
    }),
  )

  test(
    'says older safe and finalized blocks',
    lagging(async (head) => {
      const safe = await ask('eth_getBlockByNumber', ['safe', false])
      const finalized = await ask('eth_getBlockByNumber', ['finalized', false])
      expect(safe).toMatchObject({ number: hex(head - 1) })
      expect(finalized).toMatchObject({ number: hex(head - 2) })
    }),
  )

  test(
    'answers null for newer blocks, by number and by hash',
    lagging(async (head) => {
      expect(await ask('eth_getBlockByNumber', [hex(head + 1), false])).toBeNull()
      expect(await ask('eth_getBlockReceipts', [hex(head + 1)])).toBeNull()
      expect(await ask('eth_getBlockByHash', [newest.blockHash, false])).toBeNull()
      expect(await ask('eth_getBlockReceipts', [newest.blockHash])).toBeNull()
      expect(await ask('eth_getBlockTransactionCountByHash', [newest.blockHash])).toBeNull()
      expect(await ask('eth_getBlockByNumber', [hex(head), false])).toMatchObject({
        number: hex(head),
      })
    }),
  )

  test(
    'shows newer transactions as pending and hides their receipts',
    lagging(async () => {
      const { transactionHash } = newest
      expect(await ask('eth_getTransactionReceipt', [transactionHash])).toBeNull()
      expect(await ask('eth_getTransactionByHash', [transactionHash])).toMatchObject({
        hash: transactionHash,
        blockHash: null,
        blockNumber: null,
        transactionIndex: null,
      })
    }),
  )

  test(
    'reads state at its own head, and none of newer blocks',
    lagging(async (head) => {
      const actor = await anvil.ask('eth_getBlockByNumber', [hex(newest.block), true])
      const [{ from }] = (actor as { transactions: [{ from: string }] }).transactions
      expect(await anvil.ask('eth_getTransactionCount', [from, 'latest'])).toBe(
        hex(newest.transactions),
      )
      for (const block of [['latest'], ['pending'], [], [hex(head)]]) {
        expect(await ask('eth_getTransactionCount', [from, ...block])).toBe('0x0')
      }
      const missing = { code: -32000, message: 'header not found' }
      expect(await errorOf('eth_getBalance', [from, hex(head + 1)])).toEqual(missing)
      expect(await errorOf('eth_call', [{ to: from }, { blockHash: newest.blockHash }])).toEqual(
        missing,
      )
      expect(await errorOf('eth_feeHistory', ['0x1', hex(head + 1), []])).toEqual(missing)
      expect(await ask('eth_feeHistory', ['0x1', 'latest', []])).toMatchObject({
        oldestBlock: hex(head),
      })
    }),
  )

  test(
    'leaves newer logs out',
    lagging(async (head) => {
      const topics = [transferTopic]
      const range = { fromBlock: hex(1), toBlock: hex(newest.block) }
      expect(await anvil.ask('eth_getLogs', [{ ...range, topics }])).toHaveLength(
        newest.transactions,
      )
      expect(await ask('eth_getLogs', [{ ...range, topics }])).toHaveLength(0)
      expect(await ask('eth_getLogs', [{ fromBlock: hex(head + 1), topics }])).toEqual([])
      expect(await errorOf('eth_getLogs', [{ blockHash: newest.blockHash }])).toMatchObject({
        message: 'unknown block',
      })
      await withFaults({ lagBlocks: 2 }, async () => {
        expect(await ask('eth_getLogs', [{ ...range, topics }])).toHaveLength(
          newest.transactions - 2,
        )
      })
    }),
  )

  test(
    'does so in batches too',
    lagging(async (head) => {
      const answers = await (
        await post([
          question('eth_blockNumber', 'a'),
          question('eth_getTransactionReceipt', 'b', [newest.transactionHash]),
        ])
      ).json()
      expect(answers).toEqual([
        { jsonrpc: '2.0', id: 'a', result: hex(head) },
        { jsonrpc: '2.0', id: 'b', result: null },
      ])
    }),
  )

  test('never falls below the first block', () =>
    withFaults({ lagBlocks: 1_000 }, async () => {
      expect(await ask('eth_blockNumber')).toBe('0x0')
      expect(await ask('eth_getBlockByNumber', ['finalized', false])).toMatchObject({
        number: '0x0',
      })
    }))
})

describe('a front that fails', () => {
  const failing = (failWith: FailureKind, run: () => Promise<void>) => () =>
    withFaults({ failRatio: 1, failWith }, run)

  test(
    'answers HTTP 500',
    failing('http500', async () => {
      expect((await post(question('eth_chainId'))).status).toBe(500)
    }),
  )

  test(
    'answers HTML with status 200',
    failing('html', async () => {
      const response = await post(question('eth_chainId'))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html')
      expect(await response.text()).toStartWith('<html>')
    }),
  )

  test(
    'breaks the connection off without an answer',
    failing('reset', async () => {
      await expect(post(question('eth_chainId'))).rejects.toThrow()
    }),
  )

  test(
    'breaks the connection off in the middle of an answer',
    failing('truncated', async () => {
      const response = await post(question('eth_chainId'))
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
    }),
  )

  test(
    'answers with the id of another request',
    failing('wrongId', async () => {
      const answer = await (await post(question('eth_chainId', 5))).json()
      expect(answer).toEqual({ jsonrpc: '2.0', id: 987_654_321, result: '0x7a69' })
    }),
  )

  test(
    'limits the rate',
    failing('rateLimit', async () => {
      const response = await post(question('eth_chainId'))
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after')).toBe('1')
    }),
  )

  test(
    'answers an internal error for each member',
    failing('jsonRpcInternal', async () => {
      const answers = await (await post([question('eth_chainId', 1), question('x', 2)])).json()
      const error = { code: -32603, message: 'Internal error' }
      expect(answers).toEqual([
        { jsonrpc: '2.0', id: 1, error },
        { jsonrpc: '2.0', id: 2, error },
      ])
    }),
  )

  test('fails about as often as it is told', () =>
    withFaults({ failRatio: 0.2 }, async () => {
      let failed = 0
      for (let n = 0; n < 100; n++) failed += (await post(question('eth_gasPrice'))).ok ? 0 : 1
      expect(failed).toBeWithin(10, 31)
    }))

  test('is seen in sync while it fails less than everything', () =>
    withFaults({ failRatio: 0.99 }, async () => {
      const latest = question('eth_getBlockByNumber', 1, ['latest', false])
      for (const poll of [question('eth_blockNumber'), question('eth_chainId'), latest]) {
        for (let n = 0; n < 10; n++) expect((await post(poll)).ok).toBeTrue()
      }
      const mixed = [question('eth_blockNumber', 1), question('eth_gasPrice', 2)]
      let failed = 0
      for (let n = 0; n < 10; n++) failed += (await post(mixed)).ok ? 0 : 1
      expect(failed).toBeGreaterThan(0)
      await front.set({ failRatio: 1 })
      expect((await post(question('eth_blockNumber'))).ok).toBeFalse()
    }))
})

describe('a front that is away', () => {
  test('takes requests and never answers while stalled', () =>
    withFaults({ stall: true }, async () => {
      await expect(post(question('eth_blockNumber'), 60)).rejects.toThrow()
    }))

  test('answers polls while it stalls consumers', () =>
    withFaults({ stallConsumers: true }, async () => {
      expect((await post(question('eth_blockNumber'))).ok).toBeTrue()
      await expect(post(question('eth_gasPrice'), 60)).rejects.toThrow()
    }))

  test('refuses connections while down, and comes back at the same address', async () => {
    const { url } = front
    await withFaults({ down: true }, async () => {
      await expect(post(question('eth_chainId'))).rejects.toThrow('ECONNREFUSED')
    })
    expect(front.url).toBe(url)
    expect((await post(question('eth_chainId'))).ok).toBeTrue()
  })

  test('cuts stalled requests off when it goes down', async () => {
    await withFaults({ stall: true }, async () => {
      const stalled = post(question('eth_chainId')).then(
        () => 'answered',
        () => 'cut off',
      )
      await Bun.sleep(20)
      await front.set({ down: true })
      expect(await stalled).toBe('cut off')
    })
  })

  test('answers later when slow', () =>
    withFaults({ delayMs: 60, jitterMs: 20 }, async () => {
      const startedMs = performance.now()
      await post(question('eth_chainId'))
      expect(performance.now() - startedMs).toBeGreaterThan(55)
    }))
})

describe('a front that is wrong', () => {
  test('says a balance that is one ether too high', () =>
    withFaults({ lie: 'balance' }, async () => {
      const [claimed, held] = await Promise.all(
        [front.url, anvil.url].map((url) => resultFrom(url, 'eth_getBalance', [address, 'latest'])),
      )
      expect(BigInt(String(claimed)) - BigInt(String(held))).toBe(10n ** 18n)
    }))

  test('says a head far ahead', () =>
    withFaults({ lie: 'head' }, async () => {
      const claimed = hex(newest.block + Number(claimedAheadBlocks))
      expect(await ask('eth_blockNumber')).toBe(claimed)
      const block = await ask('eth_getBlockByNumber', ['latest', false])
      expect(block).toMatchObject({ number: claimed })
    }))

  test('leaves a log out', () =>
    withFaults({ lie: 'logs' }, async () => {
      const filter = [{ fromBlock: '0x1', topics: [transferTopic] }]
      expect(await ask('eth_getLogs', filter)).toHaveLength(newest.transactions - 1)
    }))

  test('says amounts that are twice as large, and leaves everything else of a receipt', () =>
    withFaults({ lie: 'amounts' }, async () => {
      const receipts = await Promise.all(
        [front.url, anvil.url].map((url) =>
          resultFrom(url, 'eth_getTransactionReceipt', [newest.transactionHash]),
        ),
      )
      const [claimed, held] = receipts as { logs: { data: string }[] }[]
      const amountOf = (receipt: typeof held) => BigInt(receipt?.logs[0]?.data ?? '0x')
      expect(amountOf(claimed)).toBe(amountOf(held) * 2n)
      const others = { ...held, logs: [{ ...held?.logs[0], data: claimed?.logs[0]?.data }] }
      expect(claimed).toEqual(others as typeof held)
      expect(await ask('eth_getTransactionReceipt', [`0x${'1'.repeat(64)}`])).toBeNull()
    }))

  test('says another chain id', () =>
    withFaults({ wrongChainId: 1 }, async () => {
      expect(await ask('eth_chainId')).toBe('0x1')
      expect(await ask('net_version')).toBe('1')
    }))

  test('has no state of old blocks, and still the blocks', () =>
    withFaults({ pruneBelowBlock: 10 }, async () => {
      expect((await errorOf('eth_getBalance', [address, '0x9']))?.message).toMatch(
        /^missing trie node [0-9a-f]{64} \(path \) state 0x[0-9a-f]{64} is not available/,
      )
      expect(await errorOf('eth_call', [{ to: address }, 'earliest'])).toBeDefined()
      expect(await errorOf('eth_getBalance', [address, '0xa'])).toBeUndefined()
      expect(await errorOf('eth_getBalance', [address, 'latest'])).toBeUndefined()
      expect(await ask('eth_getBlockByNumber', ['0x9', false])).toMatchObject({ number: '0x9' })
    }))

  test('answers from a chain that went another way, at the same height', () =>
    withFaults({ fork: true }, async () => {
      const hashAt = async (url: string, block: number) =>
        ((await resultFrom(url, 'eth_getBlockByNumber', [hex(block), false])) as { hash: string })
          .hash
      const { block } = newest
      expect(await ask('eth_blockNumber')).toBe(hex(block))
      expect(await ask('eth_chainId')).toBe('0x7a69')
      expect(await hashAt(front.url, block)).not.toBe(newest.blockHash)
      expect(await hashAt(front.url, block - 4)).not.toBe(await hashAt(anvil.url, block - 4))
      expect(await hashAt(front.url, block - 5)).toBe(await hashAt(anvil.url, block - 5))
      const own = await hashAt(front.url, block)
      const theirs = await hashAt(anvil.url, block)
      // It knows the blocks of its own fork, and of the chain before that, alone.
      const { address } = anvilAccount
      expect(await ask('eth_getBlockByHash', [own, false])).toMatchObject({ hash: own })
      expect(await ask('eth_getBlockByHash', [theirs, false])).toBeNull()
      const balanceAt = (blockHash: string) => ask('eth_getBalance', [address, { blockHash }])
      expect(await balanceAt(own)).toStartWith('0x')
      expect(await balanceAt(await hashAt(anvil.url, block - 5))).toStartWith('0x')
      await expect(balanceAt(theirs)).rejects.toThrow('header not found')
      await anvil.mine(1)
      newest.block++
      expect(await ask('eth_blockNumber')).toBe(hex(block + 1))
    }))
})
