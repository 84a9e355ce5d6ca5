import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { until } from '@mooring/billing/billing.fixtures'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { parseEpochFile } from '@mooring/market/settlement/epoch-file'
import { earnedTree } from '@mooring/market/settlement/epoch-trees'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { keyNumber, nameOf } from '@mooring/onchain/epoch.fixtures'
import { compareWithChain } from '@mooring/onchain/epoch-on-chain'
import { openKeccak } from '@mooring/onchain/keccak'
import { wrongSignatures } from '@mooring/onchain/receipt-statement'
import { epochData, signAll } from '@mooring/onchain/signed'
import { oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { membersOf, officer } from '@mooring/testkit/economy/people'
import { zeroHash } from 'viem'
import { bringer, type EpochWorld, openEpochWorld } from './closed-epochs/world.ts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const keccak = await openKeccak()
const verifiers = membersOf('verifier').slice(0, 2)
const rootDelaySeconds = 2 * 86_400

let world: EpochWorld
beforeAll(async () => {
  world = await openEpochWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function fetchFile(path: string, url = world.urls[0]) {
  const response = await fetch(`${url}/v1/epoch-files/${path}`)
  return response.status === 200 ? parseEpochFile(await response.bytes(), keccak) : undefined
}

/** The file of an epoch, as both services have it. */
async function fileOf(epoch: bigint) {
  const file = await until(`the file of epoch ${epoch}`, () => fetchFile(`epoch/${epoch}`))
  expect(await fetchFile(file.roots.dataHash, world.urls[1])).toEqual(file)
  return file
}

/** All that anybody finds who verifies a file. */
async function differencesOf(file: EpochFile & { dataHash: `0x${string}` }) {
  const { differences } = verifyEpoch(file, keccak)
  const onChain = await compareWithChain(world.chain.system, file)
  return [...differences, ...onChain.differences, ...(await wrongSignatures(file.data, { keccak }))]
}

async function post(roots: EpochFile['roots']): Promise<void> {
  const { system, send } = world.chain
  const attempt = await readPart(system, 'epochs', 'attempt', [])
  const signatures = await signAll(verifiers, epochData(system.deployment, { ...roots, attempt }))
  const { status } = await send(
    bringer.address,
    callPart(system, 'epochs', 'post', [roots, signatures]),
  )
  expect(status).toBe('success')
}

async function push({ data, roots }: EpochFile): Promise<void> {
  const { system, send } = world.chain
  await world.pass(rootDelaySeconds)
  const tree = earnedTree(data.payouts, keccak)
  const payouts = data.payouts.map(({ providerId, cumulative }, at) => ({
    ...{ providerId, epoch: roots.epoch, cumulative, proof: tree?.proofOf(at) ?? [] },
  }))
  await send(bringer.address, callPart(system, 'distributor', 'pushMany', [payouts]))
  expect(await readPart(system, 'distributor', 'paidTotal', [])).toBe(roots.payoutsTotal)
}

const openEpoch = async () => {
  const [row] = await world.database.sql`select open_epoch from epoch_books`
  return BigInt(row.open_epoch)
}

const counted = async (name: string) => {
  const lines = await Promise.all(
    world.urls.map(async (url) => (await (await fetch(`${url}/metrics`)).text()).split('\n')),
  )
  return lines
    .flat()
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

let posted: EpochFile
describe('an epoch', () => {
  test('that is over gets one file, which holds, and pays what it says', async () => {
    const epoch = await world.epochNow()
    const gateway = await world.begin('gw-first')
    await gateway.use({ eth: 3_000, bsc: 1_000 }, [
      { nodeId: 1n, chain: 'eth', credits: 1_800n },
      { nodeId: 1n, chain: 'bsc', credits: 1_000n },
      { nodeId: 2n, chain: 'eth', credits: 400n },
      // Upstreams that earn nothing, of a chain that nobody was charged for as well.
      { nodeId: 0n, chain: 'eth', credits: 200n },
      { nodeId: 0n, chain: 'sol', credits: 9n },
    ])
    const receipts = await world.bringReceipts([
      { epoch, nodeId: 1n, chain: 'eth', credits: 1_700n },
      { epoch, nodeId: 1n, chain: 'bsc', credits: 1_000n },
      { epoch, nodeId: 2n, chain: 'eth', credits: 500n },
    ])
    // Mistakes: of nobody's node, of no gateway of the set, by no table of prices, of a chain the node did nothing for.
    await world.bringReceipts([
      { epoch, nodeId: 1n, chain: 'eth', credits: 7n, nodeKey: keyNumber(9) },
      { epoch, nodeId: 1n, chain: 'eth', credits: 7n, gateway: keyNumber(8) },
      { epoch, nodeId: 1n, chain: 'eth', credits: 7n, tariff: zeroHash },
      { epoch, nodeId: 2n, chain: 'bsc', credits: 7n },
    ])
    await world.fund(1_000n * oneAnkr)
    await world.endEpoch()
    const file = await fileOf(epoch)
    expect(await differencesOf(file)).toEqual([])
    const { data, roots } = file
    expect(data.previous).toBeNull()
    expect(data.served).toEqual([
      { chain: 'bsc', charged: 1_000n, relayed: 1_000n },
      { chain: 'eth', charged: 3_000n, relayed: 2_400n },
      { chain: 'sol', charged: 0n, relayed: 9n },
    ])
    expect(data.charges).toEqual([
      {
        ...{ account: nameOf(world.payer), asset: 'ankr', credits: 4_000n },
        tokens: await world.accrued(),
      },
    ])
    expect(data.uncollected).toBe(0n)
    expect(data.receipts.map(({ session }) => session)).toEqual(
      receipts.map(({ session }) => session).sort(),
    )
    expect(await counted('billing_omitted_receipts_total')).toBe(4)
    expect(await counted('billing_epoch_files_total')).toBe(1)
    // A credit is worth a quarter of a token: 1,000 of bsc, and of eth 1,700 by receipts and 400 by the books.
    const shares = [675n * oneAnkr, 100n * oneAnkr]
    expect(data.payouts).toEqual(
      shares.map((amount, at) => ({ providerId: BigInt(at + 1), amount, cumulative: amount })),
    )
    await post(roots)
    await push(file)
    posted = file
  })

  test('counts only what is told before its books are closed', async () => {
    // What was told since the first one was closed counts from there on.
    expect(await openEpoch()).toBeGreaterThan(posted.data.epoch.number)
    const gateway = await world.begin('gw-late')
    const epoch = await world.epochNow()
    await gateway.use({ eth: 100 }, [
      { nodeId: 1n, chain: 'eth', credits: 900n, epoch: posted.data.epoch.number },
      { nodeId: 2n, chain: 'eth', credits: 100n },
    ])
    await world.bringReceipts([{ epoch, nodeId: 2n, chain: 'eth', credits: 100n }])
    await world.fund(10n * oneAnkr)
    await world.endEpoch()
    const file = await fileOf(epoch)
    expect(await differencesOf(file)).toEqual([])
    expect(file.data.previous).toMatchObject({ number: posted.data.epoch.number })
    expect(file.data.served).toEqual([{ chain: 'eth', charged: 100n, relayed: 100n }])
    const [first, second] = file.data.payouts
    expect(first).toMatchObject({ amount: 0n, cumulative: posted.data.payouts[0]?.cumulative })
    // What quality and rounding withheld before is given away already.
    expect(second).toMatchObject({ amount: 10n * oneAnkr })
  })

  test('that nobody has posted is closed with the next', async () => {
    const waiting = await fetchFile('newest')
    const epoch = await world.epochNow()
    const gateway = await world.begin('gw-next')
    await gateway.use({ bsc: 50 }, [{ nodeId: 1n, chain: 'bsc', credits: 50n }])
    // Nobody had the credits for it.
    await world.database.sql`insert into epoch_served values (${epoch}, 'bsc', 'gw-other', 11)`
    await world.bringReceipts([{ epoch, nodeId: 1n, chain: 'bsc', credits: 50n }])
    await world.endEpoch()
    const file = await fileOf(epoch)
    expect(await differencesOf(file)).toEqual([])
    expect(file.data.previous?.number).toBe(posted.data.epoch.number)
    expect(file.data.epoch.from).toBe(waiting?.data.epoch.from ?? 0n)
    expect(file.data.served.map(({ charged }) => charged)).toEqual([61n, 100n])
    expect(file.data.uncollected).toBe(11n)
    expect(file.data.receipts).toHaveLength(2)
    await post(file.roots)
    await push(file)
    posted = file
  })

  test('in which nothing was charged gets no file, and is closed with the next', async () => {
    const idle = await world.epochNow()
    await world.endEpoch()
    await until('the books of it to be closed', async () => (await openEpoch()) > idle)
    expect(await fetchFile(`epoch/${idle}`)).toBeUndefined()
    const epoch = await world.epochNow()
    const gateway = await world.begin('gw-again')
    await gateway.use({ eth: 77 }, [])
    await world.endEpoch()
    const { data, roots } = await fileOf(epoch)
    expect(data.previous?.number).toBe(posted.data.epoch.number)
    expect(data.epoch.number).toBe(epoch)
    await post(roots)
  })

  test('whose roots were disabled is closed anew', async () => {
    const { system, send } = world.chain
    const [epoch] = await readPart(system, 'epochs', 'latest', [])
    const before = await fileOf(epoch)
    const disable = callPart(system, 'epochs', 'disable', [epoch])
    expect((await send(officer('guardian').address, disable)).status).toBe('success')
    await world.pass(1)
    const file = await until('another file', async () => {
      const found = await fetchFile(`epoch/${epoch}`)
      return found?.roots.dataHash !== before.roots.dataHash && found
    })
    expect(await differencesOf(file)).toEqual([])
    expect(file.data.served).toEqual(before.data.served)
    await post(file.roots)
  })

  test('after one that was posted from a file of somebody else waits', async () => {
    const { system } = world.chain
    const [latest] = await readPart(system, 'epochs', 'latest', [])
    const { roots } = await fileOf(latest)
    const epoch = await world.epochNow()
    await world.endEpoch()
    await post({ ...roots, epoch, dataHash: zeroHash })
    const gateway = await world.begin('gw-last')
    await gateway.use({ eth: 5 }, [])
    const next = await world.epochNow()
    await world.endEpoch()
    await until('somebody to be told', () => counted('billing_blocked_epochs_total').then(Boolean))
    expect(await fetchFile(`epoch/${next}`)).toBeUndefined()
  })
})

test('an epoch whose fees have arrived is closed while newer ones wait for theirs, for some time', async () => {
  const waitSeconds = 36_000
  await using waiting = await openEpochWorld({ feesWaitSecondsMax: waitSeconds })
  const fetchWaiting = (path: string) => fetchFile(path, waiting.urls[0])
  const useOne = async (instance: string) => {
    const epoch = await waiting.epochNow()
    await (await waiting.begin(instance)).use({ eth: 100 }, [])
    await waiting.endEpoch()
    return epoch
  }
  const first = await useOne('gw-1')
  // As when a root has taken it.
  await waiting.database.sql`update holdings set accrued = 0`
  const second = await useOne('gw-2')
  const third = await useOne('gw-3')
  await until('the first', () => fetchWaiting(`epoch/${first}`))
  expect(await fetchWaiting(`epoch/${second}`)).toBeUndefined()
  expect(await fetchWaiting(`epoch/${third}`)).toBeUndefined()
  await waiting.pass(waitSeconds)
  const late = await until('what waited too long', async () => {
    const newest = await fetchWaiting('newest')
    return newest !== undefined && newest.data.epoch.number >= third && newest
  })
  expect(late.data.charges[0]).toMatchObject({ credits: 300n })
})

describe('files', () => {
  test('are listed, the newest first', async () => {
    const response = await fetch(`${world.urls[0]}/v1/epoch-files`)
    const { files } = (await response.json()) as { files: { epoch: string; dataHash: string }[] }
    expect(files.length).toBe(await counted('billing_epoch_files_total'))
    const newest = await fetchFile('newest')
    expect(files[0]?.dataHash).toBe(newest?.roots.dataHash ?? '')
    await expect(world.database.sql`delete from epoch_files`.execute()).rejects.toThrow(
      'written once',
    )
  })

  test.each([
    ['epoch/-1', 400, 'counted from 0'],
    ['epoch/99999', 404, 'no such epoch file'],
    ['0xAB', 400, 'lower-case'],
    [zeroHash, 404, 'no such epoch file'],
  ])('%s is answered with %d', async (path, status, says) => {
    const response = await fetch(`${world.urls[0]}/v1/epoch-files/${path}`)
    expect(response.status).toBe(status)
    expect(((await response.json()) as { error: string }).error).toContain(says)
  })
})
