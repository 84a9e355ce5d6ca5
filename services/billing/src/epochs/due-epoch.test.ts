import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readPart } from '@mooring/onchain/contracts'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { type DueEpoch, readDueEpochs } from './due-epoch.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

let chain: DepositChain
beforeAll(async () => {
  chain = await openDepositChain()
})
afterAll(() => chain?.[Symbol.asyncDispose]())

/** At the second so long after an epoch has begun. */
async function dueAt(
  epoch: bigint,
  seconds: bigint,
  afterSeconds?: bigint,
): Promise<DueEpoch | undefined> {
  const { system, anvil } = chain
  const start = await readPart(system, 'params', 'epochStart', [epoch])
  await anvil.ask('evm_setNextBlockTimestamp', [Number(start + seconds)])
  await anvil.mine(1)
  const blockNumber = await system.reader.getBlockNumber()
  const due = await Array.fromAsync(readDueEpochs(system, blockNumber, afterSeconds))
  // Each with all those before it.
  expect(due.map(({ number }) => number)).toEqual(
    due.map((_, at) => (due[0]?.number ?? 0n) - BigInt(at)),
  )
  return due[0]
}

test('is due when it is over for so long, to the second', async () => {
  expect(await Array.fromAsync(readDueEpochs(chain.system, -1n, 0n))).toEqual([])
  const first = (await readPart(chain.system, 'params', 'currentEpoch', [])) + 1n
  expect(await dueAt(first, 59n, 60n)).toBeUndefined()
  expect(await dueAt(first, 60n, 60n)).toMatchObject({ number: first - 1n, first: 0n, attempt: 0n })
})

test('is due by default when its last charges can have become fees', async () => {
  const epoch = (await readPart(chain.system, 'params', 'currentEpoch', [])) + 4n
  // A period of an hour and a delay of an hour, in epochs of an hour.
  const seconds = await Promise.all([dueAt(epoch, 0n), dueAt(epoch, 3_599n)])
  expect(seconds.map((due) => due?.number)).toEqual([epoch - 3n, epoch - 3n])
  expect(await dueAt(epoch + 1n, 0n)).toMatchObject({ number: epoch - 2n })
})
