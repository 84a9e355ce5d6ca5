import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createPublicClient, http } from 'viem'
import { type Actor, startActor } from './actor.ts'
import { type Anvil, anvilAccount, startAnvil } from './anvil.ts'
import { demoTokenAbi } from './demo-contract.ts'

test('the actor moves the head and leaves logs, and survives a node that goes away', async () => {
  const anvil = await startAnvil({ chainId: 31_337 })
  const errors: unknown[] = []
  const actor = await startActor({
    url: anvil.url,
    chainId: 31_337,
    intervalMs: 10,
    onError: (error) => errors.push(error),
  })
  while (actor.sent < 4) await Bun.sleep(5)
  const reader = createPublicClient({ transport: http(anvil.url) })
  const token = { address: actor.tokenAddress, abi: demoTokenAbi } as const

  const logs = () => reader.getContractEvents({ ...token, eventName: 'Transfer', fromBlock: 0n })
  // The last one sent may not be mined yet.
  while ((await logs()).length < 4) await Bun.sleep(5)
  const args = [anvilAccount.address] as const
  expect(await reader.readContract({ ...token, functionName: 'balanceOf', args })).toBeGreaterThan(
    0n,
  )
  const failing = reader.readContract({ ...token, functionName: 'fail', args: [7n] })
  await expect(failing).rejects.toThrow('DemoTokenRefused')
  const failingWithReason = reader.readContract({ ...token, functionName: 'failWithReason' })
  await expect(failingWithReason).rejects.toThrow('the demo refuses')

  await anvil.stop()
  while (errors.length < 2) await Bun.sleep(5)
  await actor.stop()
})

describe('a stop', () => {
  let anvil: Anvil
  beforeAll(async () => {
    anvil = await startAnvil({ chainId: 31_337 })
  })
  afterAll(() => anvil?.stop())

  const countAt = (actor: Actor, tag: string) =>
    anvil.ask('eth_getTransactionCount', [actor.accountAddress, tag])

  /** An actor of which a transaction waits to be mined. */
  const startWaiting = async (minedTimeoutMs?: number) => {
    await anvil.ask('evm_setAutomine', [true])
    const { url, chainId } = anvil
    const actor = await startActor({ url, chainId, intervalMs: 10, minedTimeoutMs })
    await anvil.ask('evm_setAutomine', [false])
    while ((await countAt(actor, 'latest')) === (await countAt(actor, 'pending')))
      await Bun.sleep(5)
    return actor
  }

  test('waits until what was sent is mined', async () => {
    const actor = await startWaiting()
    let stopped = false
    const stopping = actor.stop().then(() => {
      stopped = true
    })
    await Bun.sleep(100)
    expect(stopped).toBeFalse()
    await anvil.mine(1)
    await stopping
    expect(await countAt(actor, 'latest')).toBe(await countAt(actor, 'pending'))
  })

  test('does not wait for ever', async () => {
    const actor = await startWaiting(50)
    await actor.stop()
    expect(await countAt(actor, 'latest')).not.toBe(await countAt(actor, 'pending'))
    await anvil.mine(1)
  })
})
