import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { escrowAbi } from '@mooring/abis/escrow'
import type { DepositFacts } from '@mooring/protocol/access/verifier-wire'
import {
  type DepositChain,
  firstDepositMin,
  keyOf,
  oneAnkr,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import { padHex, toHex } from 'viem'
import { sourcesOver } from '../chain/sources.fixtures.ts'
import { createDepositChecks, type DepositChecks } from '../deposits/check.ts'
import { openWatch, type TestWatch, until } from './watched.fixtures.ts'

/** Other tests may be running beside these. */
setDefaultTimeout(30_000)

let chain: DepositChain
let checks: DepositChecks

beforeAll(async () => {
  chain = await openDepositChain()
  const { deployment } = chain.system
  checks = createDepositChecks(sourcesOver(chain), { deployment, depthBlocks: 0 })
})
afterAll(() => chain?.[Symbol.asyncDispose]())
afterEach(() => {
  for (const node of chain.nodes) node.beHonest()
})

const onEscrow = (functionName: string, ...args: unknown[]) => ({
  ...{ to: chain.ankrEscrow, abi: escrowAbi, functionName, args },
})
const rekey = (number: number, key: number) =>
  chain.send(player(number).address, onEscrow('setKeyCommitment', keyOf(key)))

async function depositFacts(number: number): Promise<DepositFacts> {
  const check = await checks.checkDeposit(await chain.deposit(number))
  if (!check.ok) throw new Error(check.detail)
  return check.facts
}

/** A deposit that is final, and a token on it. */
async function issueFinal(watch: TestWatch, jti: string, number: number): Promise<void> {
  watch.issue(jti, await depositFacts(number), keyOf(number))
  await chain.anvil.mine(3)
  await until(() => watch.tokens.get(jti)?.facts.isFinal === true, 'finality')
}

/** Resolves when both streams of events have come to the head. */
async function untilFollowed(): Promise<void> {
  const { hash } = await chain.system.reader.getBlock()
  const isAsked = (params: readonly unknown[]) => JSON.stringify(params).includes(hash)
  const isFollowed = ({ requests }: { requests: DepositChain['nodes'][0]['requests'] }) =>
    requests.some(({ method, params }) => method === 'eth_getLogs' && isAsked(params))
  await until(() => chain.nodes.every(isFollowed), 'the streams')
}

async function withdraw(number: number, amount: bigint): Promise<void> {
  const { address } = player(number)
  await chain.send(address, onEscrow('requestWithdraw', amount))
  await chain.anvil.ask('evm_increaseTime', [3 * 3_600])
  await chain.send(address, onEscrow('withdraw', address))
}

describe('the watcher', () => {
  test('tells when the chain calls a deposit final, and not before', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(1)
    watch.issue('a', facts, keyOf(1))
    await chain.anvil.mine(1)
    await watch.nextRound()
    expect(watch.tokens.get('a')?.facts).toEqual(facts)
    await chain.anvil.mine(1)
    await until(() => watch.tokens.get('a')?.facts.isFinal === true, 'finality')
    expect(watch.tokens.get('a')?.facts).toEqual({ ...facts, isFinal: true })
    expect([watch.revoked.size, watch.moved.size]).toEqual([0, 0])
  })

  test('revokes what is bound to another key than the account names now, also after finality', async () => {
    await using watch = openWatch(chain)
    await issueFinal(watch, 'old', 1)
    await issueFinal(watch, 'of another account', 2)
    const facts = watch.tokens.get('old')?.facts as DepositFacts
    watch.issue('bound to none', facts)
    await rekey(1, 10)
    await until(() => watch.revoked.has('old'), 'the revocation')
    watch.issue('new', facts, keyOf(10))
    await watch.nextRound()
    expect([...watch.revoked]).toEqual([['old', 'rekeyed']])
  })

  test('revokes when a later deposit names another key', async () => {
    await using watch = openWatch(chain)
    await issueFinal(watch, 'old', 2)
    await chain.deposit(2, { amount: oneAnkr })
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    await chain.deposit(2, { amount: oneAnkr, key: keyOf(20) })
    await until(() => watch.revoked.has('old'), 'the revocation')
    expect(watch.revoked.get('old')).toBe('rekeyed')
  })

  test('revokes when a withdrawal has emptied the account, and not when something is left', async () => {
    await using watch = openWatch(chain)
    await issueFinal(watch, 'a', 3)
    watch.issue('bound to none', watch.tokens.get('a')?.facts as DepositFacts)
    await withdraw(3, oneAnkr)
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    await withdraw(3, firstDepositMin - oneAnkr)
    await until(() => watch.revoked.size === 2, 'the revocations')
    expect([...watch.revoked.values()]).toEqual(['withdrawn', 'withdrawn'])
    await issueFinal(watch, 'of the next life', 3)
    await watch.nextRound()
    expect(watch.revoked.has('of the next life')).toBe(false)
  })

  test('finds out at its start what happened while nobody watched', async () => {
    const facts = await depositFacts(4)
    await rekey(4, 40)
    await using watch = openWatch(chain)
    watch.issue('old', facts, keyOf(4))
    await until(() => watch.revoked.has('old'), 'the revocation')
    expect(watch.revoked.get('old')).toBe('rekeyed')
  })

  test('finds out what happened between the check of a key and the issue of its token', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(4)
    await rekey(4, 41)
    await chain.anvil.mine(2)
    await watch.nextRound()
    watch.issue('late', facts, keyOf(4))
    await until(() => watch.revoked.has('late'), 'the revocation')
  })

  test('revokes what is bound to a key that a fork has undone', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(5)
    await chain.anvil.mine(3)
    await rekey(5, 50)
    watch.issue('on the lost branch', { ...facts, isFinal: true }, keyOf(50))
    await untilFollowed()
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    await chain.rollback(1, { forget: true })
    await chain.anvil.mine(2)
    await until(() => watch.revoked.has('on the lost branch'), 'the revocation')
    expect(watch.revoked.get('on the lost branch')).toBe('rekeyed')
  })

  test('revokes what is bound to a key that a fork undid before any source told of it', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(5)
    await chain.anvil.mine(3)
    const keepEventsBack = () => {
      for (const node of chain.nodes) {
        node.lie((method, result) => {
          if (method === 'eth_getLogs') throw new Error('no events')
          return result
        })
      }
    }
    await untilFollowed()
    keepEventsBack()
    await rekey(5, 50)
    watch.issue('on the lost branch', { ...facts, isFinal: true }, keyOf(50))
    await watch.nextRound()
    await chain.rollback(1, { forget: true })
    await chain.anvil.mine(2)
    for (const node of chain.nodes) node.beHonest()
    await untilFollowed()
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    await chain.anvil.mine(12)
    await until(() => watch.revoked.has('on the lost branch'), 'the revocation')
  })

  test('looks at every account again after a fork that goes back further than it followed', async () => {
    const facts = await depositFacts(5)
    await chain.anvil.mine(40)
    await rekey(5, 51)
    await using watch = openWatch(chain, { settleBlocks: 1_000 })
    watch.issue('on the lost branch', { ...facts, isFinal: true }, keyOf(51))
    await untilFollowed()
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    await chain.rollback(41, { forget: true })
    await chain.anvil.mine(45)
    await until(() => watch.revoked.has('on the lost branch'), 'the revocation')
    expect(watch.revoked.get('on the lost branch')).toBe('rekeyed')
  })

  test('looks after more deposits and accounts than one question to a source holds', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(5)
    chain.holdFinality(0n)
    const heights = Array.from({ length: 70 }, (_, at) => BigInt(at + 1))
    const blocks = await Promise.all(
      heights.map((blockNumber) => chain.system.reader.getBlock({ blockNumber })),
    )
    for (const { number, hash: blockHash } of blocks) {
      const place = { blockNumber: Number(number), blockHash, transactionHash: blockHash }
      const jti = `block ${number}`
      watch.issue(jti, { ...facts, ...place }, keyOf(5))
      watch.issue(`${jti} of nobody`, {
        ...facts,
        ...place,
        account: padHex(toHex(number), { size: 20 }),
      })
    }
    await until(() => watch.revoked.size === 70, 'the revocations')
    await watch.nextRound()
    expect([...watch.tokens.keys()]).toEqual(blocks.map(({ number }) => `block ${number}`))
    expect(new Set(watch.revoked.values())).toEqual(new Set(['withdrawn']))
  })

  test('learns of a new key from either source, so that one that keeps events back hides nothing', async () => {
    for (const liar of chain.nodes) {
      await using watch = openWatch(chain)
      await issueFinal(watch, 'a', 6)
      liar.lie((method, result) => (method === 'eth_getLogs' ? [] : result))
      await rekey(6, 60)
      await until(() => watch.revoked.has('a'), 'the revocation')
      liar.beHonest()
    }
  })

  test('waits for the slower source, and misses nothing by it', async () => {
    await using watch = openWatch(chain)
    await issueFinal(watch, 'a', 6)
    const { number: behind } = await chain.system.reader.getBlock()
    const slow = chain.nodes[1]
    slow.lie((method, result) =>
      method === 'eth_blockNumber' ? `0x${behind.toString(16)}` : result,
    )
    await rekey(6, 61)
    await watch.nextRound()
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
    slow.beHonest()
    await until(() => watch.revoked.has('a'), 'the revocation')
  })

  test('revokes nothing that one source alone says, and tells that they differ (security row 8)', async () => {
    await using watch = openWatch(chain)
    const facts = await depositFacts(7)
    const before = BigInt(facts.blockNumber) - 1n
    chain.holdFinality(before)
    watch.issue('a', facts, keyOf(7))
    await watch.nextRound()
    chain.nodes[1].lie((method, result, [block]) => {
      if (method === 'eth_getTransactionReceipt') return null
      if (method !== 'eth_getBlockByNumber') return result
      if (block === 'finalized')
        return { ...(result as object), number: `0x${before.toString(16)}` }
      return Number(block) === facts.blockNumber
        ? { ...(result as object), hash: keyOf(5) }
        : result
    })
    await until(() => watch.troubles.some(({ code }) => code === 'SOURCES_DIFFER'), 'the trouble')
    await watch.nextRound()
    expect(watch.revoked.size).toBe(0)
  })

  test('keeps everything while a source is silent, and goes on when it is back', async () => {
    const sources = sourcesOver(chain, { questionTimeoutMs: 100 })
    await using watch = openWatch(chain, { sources })
    await issueFinal(watch, 'a', 7)
    chain.nodes[0].stall()
    await rekey(7, 70)
    const silent = () => watch.troubles.filter(({ code }) => code === 'SOURCE_UNREACHABLE').length
    await until(() => silent() > 1, 'the trouble')
    expect([watch.revoked.size, watch.tokens.size]).toEqual([0, 1])
    const told = JSON.stringify(watch.troubles)
    for (const { url } of chain.nodes) expect(told).not.toContain(url)
    chain.nodes[0].beHonest()
    await until(() => watch.revoked.has('a'), 'the revocation')
  })

  test('tries again what its store did not take', async () => {
    await using watch = openWatch(chain)
    await issueFinal(watch, 'rekeyed', 8)
    watch.isStoreDown = true
    await rekey(8, 80)
    await until(() => watch.broken.length > 1, 'the failure')
    expect(watch.revoked.size).toBe(0)
    watch.isStoreDown = false
    await until(() => watch.revoked.has('rekeyed'), 'the revocation')
  })

  test('does nothing any more once it was stopped', async () => {
    const watch = openWatch(chain)
    await issueFinal(watch, 'a', 1)
    await watch[Symbol.asyncDispose]()
    const asked = chain.nodes.map(({ requests }) => requests.length)
    await rekey(1, 11)
    await chain.anvil.mine(3)
    expect(chain.nodes.map(({ requests }) => requests.length)).toEqual(asked)
    expect(watch.revoked.size).toBe(0)
  })
})
