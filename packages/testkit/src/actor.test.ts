import { expect, test } from 'bun:test'
import { createPublicClient, http } from 'viem'
import { startActor } from './actor.ts'
import { anvilAccount, startAnvil } from './anvil.ts'
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

  const logs = await reader.getContractEvents({ ...token, eventName: 'Transfer', fromBlock: 0n })
  expect(logs.length).toBeGreaterThanOrEqual(4)
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
