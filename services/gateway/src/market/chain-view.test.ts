import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { type Cursor, followEvents } from '@mooring/onchain/events/follow'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { officer, player } from '@mooring/testkit/economy/people'
import { carryOut, openNode, openProvider, stakePerNode } from '@mooring/testkit/economy/providers'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { seededRandom } from '@mooring/testkit/random'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { reorgBlocksMax } from '../config-market.ts'
import { ChainView } from './chain-view.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const seed = Number(process.env.MARKET_SEED ?? 7)
const stepsCount = Number(process.env.MARKET_STEPS ?? 40)
const owners = [player(1), player(2)] as const
const slasher = officer('slasher')
const random = seededRandom(seed)
const pick = (count: number) => Math.floor(random() * count)

let anvil: Anvil
let economy: LocalEconomy

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await loadEconomy(anvil)
  for (const owner of owners) {
    const providerId = await openProvider(economy, owner, { nodes: 2 })
    for (const node of ['one', 'two']) {
      const key = privateKeyToAccount(generatePrivateKey())
      const url = `https://${node}.example`
      await openNode(economy, { providerId, owner, key, url, chains: ['eth'] })
    }
    const { pool } = economy.deployment.parts
    await carryOut(economy, owner, callPart(economy, 'ankr', 'approve', [pool, 2n ** 200n]))
  }
  // A fork goes back no further than to blocks that this chain has made itself: of those it was loaded with it has no state.
  await anvil.mine(2 * reorgBlocksMax)
})
afterAll(() => anvil?.stop())

/** What may happen to providers; what the contracts refuse at that moment has not happened. */
const moves = [
  (at: number) => act(at, callPart(economy, 'registry', 'activateNode', [nodeOf(at)])),
  (at: number) => act(at, callPart(economy, 'registry', 'activateNode', [nodeOf(at)])),
  (at: number) => act(at, callPart(economy, 'registry', 'drainNode', [nodeOf(at)])),
  (at: number) => act(at, callPart(economy, 'pool', 'stake', [idOf(at), 1, part(), 0n])),
  (at: number) => act(1 - at, callPart(economy, 'pool', 'stake', [idOf(at), 0, part(), 0n])),
  (at: number) => act(at, callPart(economy, 'pool', 'unstake', [idOf(at), 1, part(), 0n])),
  (at: number) => tried(slasher, callPart(economy, 'pool', 'slash', [idOf(at), part(), 0n])),
  async (at: number) => {
    const { timestamp } = await economy.reader.getBlock()
    await tried(slasher, callPart(economy, 'registry', 'jail', [idOf(at), timestamp + 600n]))
  },
  async () => {
    await anvil.ask('evm_increaseTime', [300])
    await anvil.mine(1 + pick(3))
  },
  async () => {
    const undone = 1 + pick(6)
    await anvil.ask('anvil_rollback', [undone])
    await anvil.ask('anvil_dropAllTransactions')
    // The branch that is followed is the longer one.
    await anvil.mine(undone + 1 + pick(3))
  },
]
const idOf = (at: number) => BigInt(at + 1)
const nodeOf = (at: number) => BigInt(2 * at + 1 + pick(2))
const part = () => stakePerNode / BigInt(1 + pick(4))
type Call = Parameters<typeof carryOut>[2]
const act = (at: number, call: Call) => tried(owners[at] ?? owners[0], call)
const tried = (person: Parameters<typeof carryOut>[1], call: Call) =>
  carryOut(economy, person, call).catch(() => undefined)

async function headOf(): Promise<Cursor> {
  const { number, hash } = await economy.reader.getBlock()
  return { number, hash }
}

const seenIn = (view: ChainView) =>
  view
    .serving()
    .map(({ nodeId, stake }) => ({ nodeId, stake }))
    .sort((one, other) => Number(one.nodeId - other.nodeId))

test(`what was followed is what the contracts say, whatever happens and is undone (seed ${seed})`, async () => {
  const followed = new ChainView()
  await followed.readAll(economy, await headOf())
  let servedOnce = false
  for (let step = 0; step < stepsCount; step++) {
    await moves[pick(moves.length)]?.(pick(2))
    await followTo(followed, await headOf())
    const anew = new ChainView()
    await anew.readAll(economy, await headOf())
    expect(seenIn(followed)).toEqual(seenIn(anew))
    for (const nodeId of [1n, 2n, 3n, 4n]) {
      const isServing = await readPart(economy, 'registry', 'isServing', [nodeId])
      // The contracts drain what stake does not cover in the same call, so that both say the same.
      expect(seenIn(followed).some((node) => node.nodeId === nodeId)).toBe(isServing)
      servedOnce ||= isServing
    }
  }
  expect(servedOnce).toBe(true)
})

async function followTo(view: ChainView, head: Cursor): Promise<void> {
  if (view.block?.hash === head.hash) return
  const stop = new AbortController()
  const options = { from: view.block, pollMs: 10, reorgBlocksMax, signal: stop.signal }
  for await (const item of followEvents(economy, options)) {
    await view.follow(economy, item)
    if (item.cursor.hash === head.hash) stop.abort()
  }
}
