import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { DepositFacts } from '@mooring/protocol/access/verifier-wire'
import {
  type Deposit,
  type DepositChain,
  keyOf,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { sourcesOver } from '../chain/sources.fixtures.ts'
import { createDepositChecks, type DepositChecks } from '../deposits/check.ts'
import { openWatch, type TestWatch, until } from './watched.fixtures.ts'

/** Other tests may be running beside these. */
setDefaultTimeout(30_000)

const depthBlocks = 12
const depths = Array.from({ length: 20 }, (_, at) => at + 1)

let chain: DepositChain
let checks: DepositChecks
let watch: TestWatch

/** Anvil forgets the state of old blocks after about a thousand, and rolls back to nothing then. */
async function open() {
  chain = await openDepositChain()
  checks = createDepositChecks(sourcesOver(chain), { deployment: chain.system.deployment })
  // Allowances are given before any fork.
  for (const number of [1, 2]) await chain.deposit(number)
  watch = openWatch(chain)
}

async function close() {
  await watch?.[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
}

/** Tokens on deposits of one block that is as deep as it has to be, and not final; a fork may be that much deeper. */
async function issue(players: number[], name: string, deeperBlocks: number) {
  await chain.anvil.mine(deeperBlocks + 1)
  const deposits = await chain.depositTogether(players)
  await chain.anvil.mine(depthBlocks)
  // Nothing that a fork undoes was final.
  chain.holdFinality((deposits[0]?.receipt.blockNumber ?? 0n) - BigInt(deeperBlocks + 1))
  const facts: DepositFacts[] = []
  for (const [at, deposit] of deposits.entries()) {
    const check = await checks.checkDeposit(deposit)
    if (!check.ok) throw new Error(check.detail)
    watch.issue(`${name} ${players[at]}`, check.facts, keyOf(players[at] ?? 0))
    facts.push(check.facts)
  }
  await watch.nextRound()
  return { deposits, facts }
}

const rawOf = (deposit: Deposit | undefined) =>
  chain.anvil.ask('eth_getRawTransactionByHash', [deposit?.transactionHash])

describe('a fork after tokens were issued (security row 6)', () => {
  beforeAll(open)
  afterAll(close)

  for (const blocks of depths.filter((depth) => depth <= depthBlocks)) {
    test(`of ${blocks} blocks is above their deposits: they are kept`, async () => {
      const { facts } = await issue([1, 2], `${blocks}`, 0)
      await chain.rollback(blocks, { forget: true })
      await chain.anvil.mine(blocks + 1)
      await watch.nextRound()
      for (const [at, name] of [`${blocks} 1`, `${blocks} 2`].entries()) {
        expect(watch.tokens.get(name)?.facts).toEqual(facts[at] as DepositFacts)
        expect([watch.revoked.has(name), watch.moved.has(name)]).toEqual([false, false])
      }
    })
  }

  for (const blocks of depths.filter((depth) => depth > depthBlocks)) {
    test(`of ${blocks} blocks undoes their deposits: the one that is included again keeps its token, the other loses it`, async () => {
      const [forgotten, included] = [`${blocks} 1`, `${blocks} 2`]
      const { deposits, facts } = await issue([1, 2], `${blocks}`, blocks - depthBlocks)
      const raw = await rawOf(deposits[1])
      await chain.rollback(blocks, { forget: true })
      await chain.anvil.ask('eth_sendRawTransaction', [raw])
      await chain.anvil.mine(blocks + 1)
      await until(() => watch.revoked.has(forgotten), 'the revocation')
      await until(() => watch.moved.has(included), 'the move')
      expect(watch.revoked.get(forgotten)).toBe('orphaned')
      expect(watch.revoked.has(included)).toBe(false)
      // It was the second deposit of its block, and is the first now.
      const now = watch.tokens.get(included)?.facts
      expect([facts[1]?.logIndex, now?.logIndex]).toEqual([2, 0])
      expect(now?.blockHash).not.toBe(facts[1]?.blockHash as string)
      const { transactionHash } = deposits[1] as Deposit
      const check = await checks.checkDeposit({ transactionHash, logIndex: 0 })
      expect(check).toEqual({ ok: true, facts: now as DepositFacts })
    })
  }
})

describe('a fork after a token was issued', () => {
  beforeAll(open)
  afterAll(close)

  test('that makes the chain shorter: the token is kept until the chain has grown without the deposit', async () => {
    await issue([1], 'shorter', 6)
    await chain.rollback(depthBlocks + 6, { forget: true })
    await watch.nextRound()
    await chain.anvil.mine(2)
    await watch.nextRound()
    expect(watch.revoked.has('shorter 1')).toBe(false)
    await chain.anvil.mine(1)
    await until(() => watch.revoked.has('shorter 1'), 'the revocation')
    expect(watch.revoked.get('shorter 1')).toBe('orphaned')
  })

  test('that makes the chain shorter and takes the deposit in later: the token is kept', async () => {
    const { deposits } = await issue([1], 'later', 6)
    const raw = await rawOf(deposits[0])
    await chain.rollback(depthBlocks + 6, { forget: true })
    await watch.nextRound()
    await chain.anvil.mine(2)
    await watch.nextRound()
    await chain.anvil.ask('eth_sendRawTransaction', [raw])
    await until(() => watch.moved.has('later 1'), 'the move')
    await chain.anvil.mine(20)
    await watch.nextRound()
    expect(watch.revoked.has('later 1')).toBe(false)
  })

  test('that lets the same transaction fail: the token is revoked', async () => {
    const { deposits } = await issue([2], 'fails', 2)
    const raw = await rawOf(deposits[0])
    await chain.rollback(depthBlocks + 2, { forget: true })
    // On this branch there is no token that could be taken.
    await chain.anvil.ask('anvil_setCode', [chain.system.deployment.parts.ankr, '0x'])
    await chain.anvil.ask('eth_sendRawTransaction', [raw])
    await chain.anvil.mine(depthBlocks)
    const place = { transactionHash: deposits[0]?.transactionHash ?? '0x', logIndex: 0 }
    expect(await checks.checkDeposit(place)).toMatchObject({ code: 'TRANSACTION_FAILED' })
    await until(() => watch.revoked.has('fails 2'), 'the revocation')
    expect(watch.revoked.get('fails 2')).toBe('orphaned')
  })
})
