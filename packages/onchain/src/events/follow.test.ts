import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { player } from '@mooring/testkit/economy/people'
import { startEconomy } from '@mooring/testkit/economy/start'
import { padHex } from 'viem'
import { createWallet } from '../clients.ts'
import { callPart, type System } from '../contracts.ts'
import { createSender, type Sender } from '../send.ts'
import { type ChainEvent, decodeEvents } from './decode.ts'
import { type Cursor, type FollowOptions, followEvents, ReorgTooDeep } from './follow.ts'

const chainId = 31_337
/** Other tests may be running beside these. */
const timeoutMs = 30_000
setDefaultTimeout(timeoutMs)

let anvil: Anvil
let system: System
let sender: Sender
/** Where a test begins: what happened before it belongs to others. */
let begin: Cursor

beforeAll(async () => {
  anvil = await startAnvil({ chainId })
  system = await startEconomy(anvil)
  const wallet = createWallet({ url: anvil.url, chainId }, player(1))
  sender = createSender({ reader: system.reader, wallet })
})
afterAll(() => anvil?.stop())
beforeEach(async () => {
  await anvil.mine(1)
  const { number, hash } = await system.reader.getBlock()
  begin = { number, hash }
})

const register = (uri: string) =>
  sender.send(callPart(system, 'registry', 'registerProvider', [player(1).address, 0n, uri]))

/** What a store that follows the stream holds: events of blocks that were not voided. */
async function follow(options: FollowOptions, until: (store: Store) => boolean): Promise<Store> {
  const stop = new AbortController()
  const store: Store = { events: [], cursor: options.from, rollbacks: [] }
  const stream = followEvents(system, { ...options, pollMs: 10, signal: stop.signal })
  for await (const item of stream) {
    store.cursor = item.cursor
    if (item.kind === 'rollback') {
      store.rollbacks.push(item.cursor.number)
      const kept = store.events.filter(({ blockNumber }) => blockNumber <= item.cursor.number)
      store.events = kept
    } else store.events.push(...item.events)
    if (until(store)) stop.abort()
  }
  return store
}

type Store = { events: ChainEvent[]; cursor: Cursor | undefined; rollbacks: bigint[] }

/** What a test began while a stream ran; the next one must not meet the rest of it. */
let forking: Promise<void> | undefined
afterEach(async () => {
  await forking
  forking = undefined
})

const atHead = async () => {
  const head = await system.reader.getBlockNumber()
  return (store: Store) => store.cursor?.number === head
}
const registered = ({ events }: Store) =>
  events.filter(({ name }) => name === 'ProviderRegistered').map(({ args }) => args.metadataUri)

describe('a stream of events', () => {
  test('tells everything that ever happened, in order and once, whatever the ranges', async () => {
    for (const uri of ['a', 'b', 'c']) await register(uri)
    const until = await atHead()
    const whole = await follow({}, until)
    const ranged = await follow({ rangeBlocksMax: 3, reorgBlocksMax: 4 }, until)
    expect(ranged.events).toEqual(whole.events)
    expect(registered(whole)).toEqual(['a', 'b', 'c'])
    expect(whole.events.filter(({ name }) => name === 'SetInstalled')).toHaveLength(3)
    expect(whole.events.find(({ part }) => part === 'bootstrap')?.name).toBe('Finished')
    const places = whole.events.map(
      ({ blockNumber, logIndex }) => blockNumber * 1_000n + BigInt(logIndex),
    )
    expect(places).toEqual([...new Set(places)].sort((one, other) => Number(one - other)))
  })

  test('goes on from where another ended', async () => {
    await register('a')
    const first = await follow({}, await atHead())
    await register('b')
    const second = await follow({ from: first.cursor }, await atHead())
    expect(registered(second)).toEqual(['b'])
    expect(second.rollbacks).toEqual([])
  })

  test('voids what a fork undid, and tells the other branch', async () => {
    await register('kept')
    const head = await system.reader.getBlockNumber()
    await register('undone')
    let forked = false
    const store = await follow({ from: begin }, (state) => {
      if (!forked && registered(state).includes('undone')) {
        forked = true
        forking = fork(1, 'other')
      }
      return registered(state).includes('other')
    })
    expect(registered(store)).toEqual(['kept', 'other'])
    expect(store.rollbacks).toEqual([head])
  })

  test('a cursor whose block is gone goes back as far as a fork may reach', async () => {
    await anvil.mine(10)
    await register('undone')
    const { cursor } = await follow({ from: begin }, await atHead())
    await fork(1, 'other')
    const store = await follow({ from: cursor, reorgBlocksMax: 5 }, await atHead())
    expect(store.rollbacks).toEqual([(cursor?.number ?? 0n) - 5n])
    expect(registered(store)).toEqual(['other'])
  })

  test('a fork as deep as was allowed for is followed', async () => {
    await anvil.mine(6)
    const head = await system.reader.getBlockNumber()
    let forked = false
    const store = await follow({ from: begin, reorgBlocksMax: 3 }, (state) => {
      if (!forked && state.cursor?.number === head) {
        forked = true
        forking = fork(3, 'other')
      }
      return registered(state).includes('other')
    })
    expect(store.rollbacks).toEqual([head - 3n])
  })

  test('a node that is behind where a stream ended is waited for, not taken for a fork', async () => {
    const { number } = await system.reader.getBlock()
    const snapshot = await anvil.ask('evm_snapshot')
    await anvil.mine(2)
    const ahead = await system.reader.getBlock()
    await anvil.ask('evm_revert', [snapshot])
    const from = { number: ahead.number, hash: ahead.hash }
    const catchingUp = setTimeout(() => void anvil.mine(4), 200)
    const store = await follow({ from, reorgBlocksMax: 5 }, ({ cursor }) => {
      return (cursor?.number ?? 0n) >= number + 3n
    })
    clearTimeout(catchingUp)
    // The blocks that came are others than those that were reverted, which is told only once they are there.
    expect(store.rollbacks).toHaveLength(1)
  })

  test('a fork deeper than was allowed for ends the stream', async () => {
    await anvil.mine(8)
    const head = await system.reader.getBlockNumber()
    let forked = false
    const deep = follow({ from: begin, reorgBlocksMax: 3 }, ({ cursor }) => {
      if (!forked && cursor?.number === head) {
        forked = true
        forking = fork(6, 'other')
      }
      return false
    })
    expect(deep).rejects.toThrow(ReorgTooDeep)
    await deep.catch(() => undefined)
  })
})

/** Undoes blocks and lets another branch grow longer than they were. */
async function fork(blocks: number, uri: string): Promise<void> {
  await anvil.ask('anvil_rollback', [blocks])
  // What was undone waits to be included again.
  await anvil.ask('anvil_dropAllTransactions')
  await register(uri)
  await anvil.mine(blocks + 1)
}

test('what no ABI of ours declares is left out', () => {
  const { registry } = system.deployment.parts
  const log = {
    ...{ address: registry, data: padHex('0x'), removed: false },
    ...{ blockNumber: 1n, blockHash: padHex('0x02'), transactionHash: padHex('0x03') },
    ...{ blockTimestamp: 1n, logIndex: 0, transactionIndex: 0 },
  } as const
  expect(decodeEvents(system.deployment, [{ ...log, topics: [padHex('0x01')] }])).toEqual([])
})
