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
import { callPart, readPart } from '@mooring/onchain/contracts'
import { endpointUrlOf } from '@mooring/onchain/endpoints'
import { formatNodeMetadata, toDataUri } from '@mooring/onchain/node-metadata'
import { endpointData, nodeKeyData } from '@mooring/onchain/signed'
import type { MarketReport } from '@mooring/protocol/reports/market'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { officer, type Person, player } from '@mooring/testkit/economy/people'
import {
  carryOut,
  documentOf,
  type NodePlan,
  openNode,
  openProvider,
  profileOf,
  stakePerNode,
} from '@mooring/testkit/economy/providers'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { type Front, startFront } from '@mooring/testkit/fronts/front'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import {
  startTestGateway,
  type TestGateway,
  testChain,
  testChainId,
  until,
} from '../gateway.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

const owner = player(1)
const confirmationBlocks = 2
/** So soon a node has to be gone. */
const leavingBlocksMax = 2

/** The settlement chain, and the chain that is served too. */
let anvil: Anvil
let economy: LocalEconomy
let front: Front
let stack: AsyncDisposableStack
/** What every test begins with, to go back to. */
let fresh: unknown

beforeAll(async () => {
  anvil = await startAnvil({ chainId: testChainId })
  economy = await loadEconomy(anvil)
  front = await openFront('one')
})
afterAll(async () => {
  await front?.stop()
  await anvil?.stop()
})
beforeEach(async () => {
  fresh = await anvil.ask('evm_snapshot')
  stack = new AsyncDisposableStack()
})
afterEach(async () => {
  await stack.disposeAsync()
  await anvil.ask('evm_revert', [fresh])
})

function openFront(node: string): Promise<Front> {
  const random = () => 0.5
  return startFront({ chain: testChain, provider: 'p', node, nodeUrl: anvil.url, random })
}

/** A gateway that has no upstream in its configuration. */
async function openGateway(
  market: object = {},
  options: { reloadTo?: () => Record<string, unknown> } = {},
): Promise<TestGateway> {
  const settings = {
    deployment: 'unread.json',
    rpcUrls: [anvil.url],
    pollIntervalMs: 20,
    confirmationBlocks,
    allowPrivateAddresses: true,
    metadata: { retryMs: 100, timeoutMs: 500 },
    ...market,
  }
  const { deployment } = economy
  return stack.use(
    await startTestGateway([], { market: settings }, { ...options, deployment, isEmpty: true }),
  )
}

const call = (name: 'activateNode' | 'drainNode', id: bigint) =>
  callPart(economy, 'registry', name, [id])
const act = (person: Person, ...calls: Parameters<typeof carryOut>[2][]) =>
  carryOut(economy, person, ...calls)

type Opened = { providerId: bigint; nodeId: bigint; key: NodePlan['key'] }

/** A provider with a node that is admitted; it waits to be activated. */
async function openAdmitted(plan: Partial<NodePlan> & { nodes?: number } = {}): Promise<Opened> {
  const providerId = await openProvider(economy, owner, { nodes: plan.nodes ?? 1 })
  const key = privateKeyToAccount(generatePrivateKey())
  // Tests ask without a key.
  const common = {
    ...{ providerId, owner, key, url: front.url, chains: [testChain] },
    community: true,
  }
  const nodeId = await openNode(economy, { ...common, ...plan })
  return { providerId, nodeId, key }
}

async function openActive(plan: Partial<NodePlan> & { nodes?: number } = {}): Promise<Opened> {
  const opened = await openAdmitted(plan)
  await act(owner, call('activateNode', opened.nodeId))
  await anvil.mine(confirmationBlocks)
  return opened
}

async function marketOf({ adminUrl }: TestGateway): Promise<MarketReport> {
  return (await (await fetch(`${adminUrl}/v1/market`)).json()) as MarketReport
}

const idsOf = async (gateway: TestGateway) => (await gateway.upstreams()).map(({ id }) => id)
const serves = (gateway: TestGateway, ...ids: string[]) =>
  until(async () => Bun.deepEquals((await idsOf(gateway)).sort(), ids.sort()))

/** Waits until the gateway has read the chain up to its head. */
async function caughtUp(gateway: TestGateway): Promise<MarketReport> {
  const head = BigInt(await anvil.headBlock())
  let report = await marketOf(gateway)
  await until(async () => {
    report = await marketOf(gateway)
    return report.block !== null && BigInt(report.block) >= head
  })
  return report
}

const nameOf = ({ providerId, nodeId }: Opened) => `p${providerId}/n${nodeId}`

describe('a gateway without any configured upstream', () => {
  test('serves with a node that was registered, staked for, admitted and activated', async () => {
    const gateway = await openGateway()
    const opened = await openAdmitted()
    expect((await gateway.call('eth_blockNumber')).error?.message).toBeString()
    expect((await caughtUp(gateway)).nodes).toEqual([])
    await act(owner, call('activateNode', opened.nodeId))
    await anvil.mine(confirmationBlocks - 1)
    expect((await caughtUp(gateway)).nodes).toMatchObject([{ state: 'waiting', why: null }])
    await anvil.mine(1)
    await serves(gateway, nameOf(opened))
    await until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))
    const answer = await gateway.call('eth_getBalance', [owner.address, 'latest'])
    expect(answer.result).toBeString()
    expect(await gateway.upstreams()).toMatchObject([
      {
        provider: `p${opened.providerId}`,
        node: {
          nodeId: String(opened.nodeId),
          providerId: String(opened.providerId),
          stake: String(stakePerNode),
        },
      },
    ])
    expect((await marketOf(gateway)).nodes).toMatchObject([{ state: 'served', why: null }])
  })

  test('finds at its start what was there before', async () => {
    const opened = await openActive()
    await serves(await openGateway(), nameOf(opened))
  })

  test('looks at no node of chains that it does not serve', async () => {
    await openActive({ chains: ['eth', 'bsc'] })
    const gateway = await openGateway()
    expect((await caughtUp(gateway)).nodes).toEqual([])
  })

  test('asks for each chain at its own place where the URL has one', async () => {
    const opened = await openActive({ url: `${front.url}/{chain}`, chains: ['eth', testChain] })
    const gateway = await openGateway()
    await serves(gateway, nameOf(opened))
    await until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))
  })

  test('finds the nodes of a chain that a reload adds, and keeps those it has', async () => {
    const opened = await openActive({ chains: [testChain, 'local_two'] })
    const chains = { [testChain]: { pollIntervalMs: 100 }, local_two: {} }
    const gateway = await openGateway({}, { reloadTo: () => ({ chains }) })
    await serves(gateway, nameOf(opened))
    await until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))
    expect(await gateway.reload()).toMatchObject({ applied: true, problems: [] })
    const report = await (await fetch(`${gateway.adminUrl}/v1/upstreams`)).json()
    expect(report).toMatchObject({
      chains: [
        { upstreams: [{ id: nameOf(opened), score: expect.any(Number) }] },
        { chain: 'local_two', upstreams: [{ id: nameOf(opened), score: 0 }] },
      ],
    })
    expect((await gateway.call('eth_getBalance', [owner.address, 'latest'])).result).toBeString()
  })

  test('has a score in which more stake is worth a little more', async () => {
    const opened = await openActive()
    const gateway = await openGateway()
    const termOf = async () =>
      (await gateway.upstreams())[0]?.terms.find(({ term }) => term === 'stake')?.value
    await until(async () => (await termOf()) === 0.8)
    const relays = async () => (await gateway.upstreams())[0]?.relays
    await until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))
    await gateway.call('eth_getBalance', [owner.address, 'latest'])
    const before = await relays()
    const delegator = player(2)
    await act(
      delegator,
      callPart(economy, 'ankr', 'approve', [economy.deployment.parts.pool, 2n ** 255n]),
      callPart(economy, 'pool', 'stake', [opened.providerId, 0, stakePerNode, 0n]),
    )
    await until(async () => ((await termOf()) ?? 0) > 0.8)
    // The upstream and what is known of it stay.
    expect(await relays()).toBe(before)
  })
})

describe('a node that is served leaves within two blocks', () => {
  const slasher = officer('slasher')
  const leavings: [string, (opened: Opened) => Promise<void>][] = [
    ['when it is drained', ({ nodeId }) => act(owner, call('drainNode', nodeId))],
    [
      'when its provider goes to jail',
      async ({ providerId }) => {
        const { timestamp } = await economy.reader.getBlock()
        const until = timestamp + 3_600n
        await act(slasher, callPart(economy, 'registry', 'jail', [providerId, until]))
      },
    ],
    [
      'when a slash leaves too little stake',
      ({ providerId }) => act(slasher, callPart(economy, 'pool', 'slash', [providerId, 1n, 0n])),
    ],
    [
      'when its provider takes stake out',
      ({ providerId }) =>
        act(owner, callPart(economy, 'pool', 'unstake', [providerId, 1, 10n ** 18n, 0n])),
    ],
    [
      'when its key is another',
      async ({ providerId, nodeId }) => {
        const key = privateKeyToAccount(generatePrivateKey())
        const statement = { providerId, signingKey: key.address }
        const proof = await key.signTypedData(nodeKeyData(economy.deployment, statement))
        const args = [nodeId, key.address, proof] as const
        await act(owner, callPart(economy, 'registry', 'rotateNodeKey', args))
      },
    ],
  ]
  test.each(leavings)('%s', async (_when, leave) => {
    const opened = await openActive()
    const gateway = await openGateway()
    await serves(gateway, nameOf(opened))
    const before = BigInt(await anvil.headBlock())
    await leave(opened)
    await serves(gateway)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain(
      `mooring_gateway_upstream_score{chain="local_one",upstream="${nameOf(opened)}"} 0\n`,
    )
    const { block } = await marketOf(gateway)
    expect(BigInt(block ?? 0) - before <= BigInt(leavingBlocksMax)).toBe(true)
  })

  test('and finishes what it was given', async () => {
    const opened = await openActive()
    const gateway = await openGateway()
    await serves(gateway, nameOf(opened))
    await until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))
    await front.set({ delayMs: 500 })
    stack.defer(() => front.reset())
    const asked = gateway.call('eth_getBalance', [owner.address, 'latest'])
    await until(async () => (await gateway.upstreams()).some(({ inFlight }) => inFlight > 0))
    await act(owner, call('drainNode', opened.nodeId))
    await serves(gateway)
    expect((await asked).result).toBeString()
  })

  test('and comes back when jail is over', async () => {
    const opened = await openActive()
    const gateway = await openGateway()
    await serves(gateway, nameOf(opened))
    const { timestamp } = await economy.reader.getBlock()
    const args = [opened.providerId, timestamp + 3_600n] as const
    await act(slasher, callPart(economy, 'registry', 'jail', args))
    await serves(gateway)
    await anvil.ask('evm_increaseTime', [3_700])
    await anvil.mine(1 + confirmationBlocks)
    await serves(gateway, nameOf(opened))
  })

  test('alone, where stake suffices for its elder', async () => {
    const first = await openActive({ nodes: 2 })
    const other = stack.use(await openFront('two'))
    const key = privateKeyToAccount(generatePrivateKey())
    const plan = { providerId: first.providerId, owner, key, url: other.url, chains: [testChain] }
    const nodeId = await openNode(economy, plan)
    await act(owner, call('activateNode', nodeId))
    await anvil.mine(confirmationBlocks)
    const second = { ...first, nodeId }
    const gateway = await openGateway()
    await serves(gateway, nameOf(first), nameOf(second))
    const slash = [first.providerId, stakePerNode / 2n, 0n] as const
    await act(slasher, callPart(economy, 'pool', 'slash', slash))
    await serves(gateway, nameOf(first))
  })
})

describe('a node is not served, and it is told why,', () => {
  const cases: [string, () => Promise<Partial<NodePlan>>, string][] = [
    [
      'whose endpoint another key has signed',
      async () => ({ metadataUri: await signedBy(privateKeyToAccount(generatePrivateKey())) }),
      'its endpoint: its signature is not by the key of the node',
    ],
    [
      'whose URL is not the one the chain has the hash of',
      async () => ({ hashedUrl: 'https://other.example/' }),
      'its endpoint: its URL has another hash than the chain has',
    ],
    [
      'that names no document',
      async () => ({ metadataUri: '' }),
      'it has no metadata URI on chain, and its provider has none',
    ],
    [
      'whose document says nothing of it',
      async () => ({ metadataUri: 'data:application/json,{"mooring":1}' }),
      'its document names no endpoint of it',
    ],
    [
      'whose document is no JSON',
      async () => ({ metadataUri: 'data:application/json,oh' }),
      'its document: it is no JSON',
    ],
    [
      'whose document is of another form',
      async () => ({ metadataUri: 'data:application/json,{"mooring":2}' }),
      'its document: mooring is no version that is known: it is 1',
    ],
    [
      'whose document is behind a redirect',
      async () => ({ metadataUri: serveDocument(() => Response.redirect(front.url, 302)) }),
      'its document: it answered with a redirect (302), which is not followed',
    ],
    [
      'whose document is too long',
      async () => ({ metadataUri: serveDocument(() => new Response('x'.repeat(70_000))) }),
      'its document: it answered with more than 65536 bytes',
    ],
    [
      'whose document never comes',
      async () => ({ metadataUri: serveDocument(() => new Promise(() => {})) }),
      'its document: it did not answer within 500 ms',
    ],
  ]
  const publicCases: typeof cases = [
    [
      'that is inside',
      async () => ({ url: endpointOf('https://127.0.0.1:8545/') }),
      'its endpoint: its host is not on the public internet',
    ],
    [
      'that is inside in another way of writing',
      async () => ({ url: endpointOf('https://[::ffff:127.0.0.1]:8545/') }),
      'its endpoint: its host is not on the public internet',
    ],
    ['whose URL is not secure', async () => ({}), 'its endpoint: it does not begin with https://'],
    [
      'whose document is inside',
      async () => ({ metadataUri: 'https://0x7f.1/nodes.json' }),
      'its document: its host is not on the public internet',
    ],
  ]
  const refuse = async (plan: Partial<NodePlan>, why: string, market: object) => {
    await openActive(plan)
    const gateway = await openGateway(market)
    let { nodes } = await marketOf(gateway)
    await until(async () => {
      nodes = (await marketOf(gateway)).nodes
      return nodes[0]?.state === 'refused'
    })
    expect(nodes).toMatchObject([{ state: 'refused', why }])
    expect(await gateway.upstreams()).toEqual([])
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain('mooring_gateway_market_node_changes_total{change="refused"} 1\n')
    expect(metrics).toContain('mooring_gateway_market_upstreams{state="refused"} 1\n')
  }
  test.each(cases)('%s', async (_what, planOf, why) => refuse(await planOf(), why, {}))
  test.each(publicCases)('%s, where only the internet may be', async (_what, planOf, why) =>
    refuse(await planOf(), why, { allowPrivateAddresses: false }),
  )

  test('until its document is mended', async () => {
    const { deployment } = economy
    let document = 'not yet'
    const metadataUri = serveDocument(() => new Response(document))
    const opened = await openActive({ metadataUri })
    const gateway = await openGateway()
    await until(async () => (await marketOf(gateway)).nodes[0]?.state === 'refused')
    document = await documentOf({ ...economy, deployment }, opened.nodeId, {
      key: opened.key,
      url: front.url,
    })
    await serves(gateway, nameOf(opened))
  })

  test('until the chain names another document', async () => {
    const opened = await openActive({ metadataUri: 'data:application/json,{"mooring":1}' })
    const gateway = await openGateway({ metadata: { retryMs: 600_000 } })
    await until(async () => (await marketOf(gateway)).nodes[0]?.state === 'refused')
    const plan = { key: opened.key, url: front.url, chains: [testChain] }
    const profile = await profileOf(economy, opened.nodeId, plan)
    await act(owner, callPart(economy, 'registry', 'setNodeProfile', [opened.nodeId, profile]))
    await serves(gateway, nameOf(opened))
  })

  test('unless its provider names the document for it', async () => {
    const opened = await openActive({ metadataUri: '' })
    const gateway = await openGateway({ metadata: { retryMs: 600_000 } })
    await until(async () => (await marketOf(gateway)).nodes[0]?.state === 'refused')
    const document = await documentOf(economy, opened.nodeId, { key: opened.key, url: front.url })
    const uri = serveDocument(() => new Response(document))
    await act(owner, callPart(economy, 'registry', 'setMetadata', [opened.providerId, uri]))
    await serves(gateway, nameOf(opened))
  })
})

describe('what a provider says of a node that is served', () => {
  const communityOf = async (gateway: TestGateway) => (await gateway.upstreams())[0]?.community
  const askFreely = (gateway: TestGateway) =>
    gateway.call('eth_getBalance', [owner.address, 'latest'])
  const isFit = (gateway: TestGateway) =>
    until(async () => (await gateway.upstreams()).some(({ score }) => score > 0))

  test('counts once its document is read again, and the node stays', async () => {
    let community = false
    const opened: { current?: Opened } = {}
    const metadataUri = serveDocument(async () => {
      const { nodeId, key } = opened.current ?? (await nextOpened)
      return new Response(await documentOf(economy, nodeId, { key, url: front.url, community }))
    })
    const nextOpened = openActive({ metadataUri })
    opened.current = await nextOpened
    const gateway = await openGateway({ metadata: { refreshMs: 100 } })
    await isFit(gateway)
    expect(await communityOf(gateway)).toBe(false)
    // Before there is a head it says that nobody is served.
    const why = 'serves requests without a key'
    await until(async () => (await askFreely(gateway)).error?.message.includes(why) === true)
    community = true
    await until(async () => (await communityOf(gateway)) === true)
    expect((await askFreely(gateway)).result).toBeString()
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain('mooring_gateway_market_node_changes_total{change="joined"} 1\n')
  })

  test('counts at once where the chain names another document, and a broken one changes nothing', async () => {
    const opened = await openActive()
    const gateway = await openGateway({ metadata: { retryMs: 50, refreshMs: 50 } })
    await isFit(gateway)
    expect(await communityOf(gateway)).toBe(true)
    const name = async (metadataUri?: string) => {
      const plan = { key: opened.key, url: front.url, chains: [testChain], metadataUri }
      const profile = await profileOf(economy, opened.nodeId, plan)
      await act(owner, callPart(economy, 'registry', 'setNodeProfile', [opened.nodeId, profile]))
    }
    await name('data:application/json,{}')
    await caughtUp(gateway)
    expect(await communityOf(gateway)).toBe(true)
    await name()
    await until(async () => (await communityOf(gateway)) === false)
    expect(await idsOf(gateway)).toEqual([nameOf(opened)])
  })

  test('of an agent is nothing to a gateway without an identity', async () => {
    const opened = await openActive({ agent: true })
    const gateway = await openGateway()
    await serves(gateway, nameOf(opened))
    await isFit(gateway)
    expect(await gateway.upstreams()).toMatchObject([{ agent: null }])
    expect((await askFreely(gateway)).result).toBeString()
  })
})

describe('while the settlement chain is away', () => {
  test('nodes go on as they were, it is told, and another node of the chain is asked', async () => {
    const chainNode = stack.use(await openFront('chain'))
    const spare = stack.use(await openFront('spare'))
    await spare.set({ down: true })
    const opened = await openActive()
    const gateway = await openGateway({
      rpcUrls: [chainNode.url, spare.url],
      silenceMs: 300,
    })
    await serves(gateway, nameOf(opened))
    await chainNode.set({ down: true })
    await act(owner, call('drainNode', opened.nodeId))
    await until(async () => (await marketOf(gateway)).silenceMs > 600)
    await until(async () => {
      const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      return /^mooring_gateway_market_failures_total [1-9]/m.test(metrics)
    })
    expect(await idsOf(gateway)).toEqual([nameOf(opened)])
    await spare.set({ down: false })
    await serves(gateway)
  })

  test('one that answers and has stopped is left too', async () => {
    const opened = await openActive()
    const stuck = stack.use(await openFront('stuck'))
    const gateway = await openGateway({ rpcUrls: [stuck.url, anvil.url], silenceMs: 300 })
    await serves(gateway, nameOf(opened))
    await stuck.set({ lagBlocks: 1_000 })
    await act(owner, call('drainNode', opened.nodeId))
    await serves(gateway)
  })

  test('what happened meanwhile is found, however long it was', async () => {
    const chainNode = stack.use(await openFront('chain'))
    const opened = await openActive()
    const gateway = await openGateway({ rpcUrls: [chainNode.url] })
    await serves(gateway, nameOf(opened))
    await chainNode.set({ down: true })
    await act(owner, call('drainNode', opened.nodeId))
    await anvil.mine(300)
    await chainNode.set({ down: false })
    await serves(gateway)
  })
})

describe('a fork', () => {
  test('that undoes an activation takes the node out', async () => {
    const opened = await openAdmitted()
    const gateway = await openGateway()
    await anvil.mine(5)
    await caughtUp(gateway)
    await act(owner, call('activateNode', opened.nodeId))
    await anvil.mine(confirmationBlocks)
    await serves(gateway, nameOf(opened))
    await anvil.ask('anvil_rollback', [confirmationBlocks + 1])
    await anvil.ask('anvil_dropAllTransactions')
    await anvil.mine(confirmationBlocks + 2)
    await serves(gateway)
    const { status } = await readPart(economy, 'registry', 'nodeOf', [opened.nodeId])
    expect(status).toBe(3)
  })

  test('deeper than is followed has everything read anew', async () => {
    await anvil.mine(40)
    const gateway = await openGateway()
    const opened = await openActive()
    await anvil.mine(40)
    await serves(gateway, nameOf(opened))
    const { number } = await economy.reader.getBlock()
    const since = await activatedAt(opened)
    await anvil.ask('anvil_rollback', [Number(number - since) + 1])
    await anvil.ask('anvil_dropAllTransactions')
    await anvil.mine(60)
    await serves(gateway)
  })
})

async function activatedAt({ nodeId }: Opened): Promise<bigint> {
  for (let number = await economy.reader.getBlockNumber(); ; number--) {
    const at = { blockNumber: number }
    if (!(await readPart(economy, 'registry', 'isServing', [nodeId], at))) return number + 1n
  }
}

/** Serves a document while the test runs. */
function serveDocument(fetch: () => Response | Promise<Response>): string {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', idleTimeout: 0, fetch })
  stack.defer(() => server.stop(true))
  return `http://127.0.0.1:${server.port}/nodes.json`
}

function endpointOf(url: string): string {
  return endpointUrlOf(url) ?? ''
}

/** A document with the right URL and the signature of somebody else. */
async function signedBy(key: NodePlan['key']): Promise<string> {
  const nodeId = (await readPart(economy, 'registry', 'nodeCount', [])) + 1n
  const said = { nodeId, url: endpointOf(front.url), agent: false, community: true }
  const signature = await key.signTypedData(endpointData(economy.deployment, said))
  return toDataUri(formatNodeMetadata({ mooring: 1, endpoints: [{ ...said, signature }] }))
}
