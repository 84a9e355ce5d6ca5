import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatDeployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { startAgentProcess, writeKey } from '@mooring/testkit/agent'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { generatePrivateKey } from 'viem/accounts'
import { loadCore, targetCore } from '../gateway/bench.ts'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import { pinnedTo } from '../harness/programs.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { BlockNumbers } from '../load/block-numbers.ts'
import { type Asks, runWrk } from '../load/wrk.ts'
import { type PinnedGateway, startPinnedGateway } from '../servers/gateway.ts'
import type { Plan } from './plan.ts'

const chain = 'local_one'
const nodeId = '7'
const warmUps = 4
/** Few, so that the agent beside load and node is not what is measured. */
const connections = 16
const asks: Asks = { kind: 'light', requestsPerBatch: 1, connections, answerBytesMin: 1_200 }
/** High enough that they are counted and never met. */
const limits = {
  ...{ requestsPerSecond: 1_000_000_000, burstRequests: 1_000_000_000 },
  inFlightMax: 8_192,
}

const ways = ['plain', 'linked'] as const
type Way = (typeof ways)[number]
const titles: Readonly<Record<Way, string>> = {
  plain: 'three upstreams without agents',
  linked: 'the same behind an agent',
}

/** What agents cost a gateway: its processor time for a request, with and without them. */
export async function measurePath(
  { economy, nodeUrl }: { economy: LocalEconomy; nodeUrl: string },
  context: MeasureContext & { plan: Plan },
): Promise<{ figures: Figures; text: string }> {
  const { plan, say } = context
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-path-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  say('starting two gateways, one of them with an agent …')
  const { plain, linked } = await configsFor({ economy, nodeUrl, folder }, stack)
  const starting = async (config: object) => {
    const options = { folder, config: { ...config, tiers: { community: limits } } }
    const started = await startPinnedGateway(options, { ...context, core: targetCore })
    stack.use(started.child)
    return started
  }
  const gateways = { plain: await starting(plain), linked: await starting(linked) }
  const numbers = new BlockNumbers()
  // Both at once, so that whatever disturbs the machine disturbs both.
  const run = async (seconds: number): Promise<Round> => {
    const one = (way: Way) => microsecondsOf(gateways[way], { seconds, numbers }, context)
    const [without, behind] = await Promise.all([one('plain'), one('linked')])
    return { plain: without, linked: behind }
  }
  // Two on one processor, and an agent of which neither is the target: longer than it takes an agent alone.
  await run(warmUps * plan.warmUpSeconds)
  const rounds: Round[] = []
  for (let round = 1; round <= plan.rounds; round++) {
    const found = await run(plan.loadSeconds)
    const told = ways.map((way) => `${formatFigure(found[way])} µs ${way}`)
    say(`round ${round} of ${plan.rounds}: ${told.join(', ')}`)
    rounds.push(found)
  }
  return resultOf(rounds)
}

/** Microseconds for a request. */
type Round = Record<Way, number>

async function configsFor(
  { economy, nodeUrl, folder }: { economy: LocalEconomy; nodeUrl: string; folder: string },
  stack: AsyncDisposableStack,
): Promise<Record<Way, object>> {
  const { rpc, deployment } = economy
  const privateKey = generatePrivateKey()
  const [member] = membersOf('gateway')
  if (member === undefined) throw new Error('the set of gateways is empty')
  const agent = stack.use(
    await startAgentProcess({
      ...{ nodeId, privateKey, rpc, deployment, chains: { [chain]: { url: nodeUrl } } },
      command: pinnedTo(loadCore, []),
      config: { chainPollMs: 2_000, logLevel: 'warn' },
    }),
  )
  const { file: keyFile, password } = await writeKey(folder, privateKeyOf(member))
  const deploymentFile = join(folder, 'deployment.json')
  await writeFile(deploymentFile, formatDeployment(deployment))
  const directory = join(folder, 'receipts')
  const identity = { keyFile, password, rpc, directory, deployment: deploymentFile }
  const upstreams = (url: string, more: object) =>
    ['alpha', 'bravo', 'charlie'].map((provider) => ({
      // An address may stand once only, and nobody looks at what is asked after it.
      ...{ provider, name: 'one', url: `${url}?${provider}`, type: 'archive', inFlightMax: 1_024 },
      ...more,
    }))
  const address = createDigestSigner(privateKey).address
  const behind = upstreams(`${agent.url}/${chain}`, { agent: { nodeId, address } })
  return {
    plain: { chains: { [chain]: { upstreams: upstreams(nodeUrl, {}) } } },
    linked: { identity, chains: { [chain]: { upstreams: behind } } },
  }
}

async function microsecondsOf(
  { child, url }: PinnedGateway,
  { seconds, numbers }: { seconds: number; numbers: BlockNumbers },
  { signal }: MeasureContext,
): Promise<number> {
  const before = await cpuSecondsOf(child.pid)
  const { requests } = await runWrk(url, asks, { seconds, core: loadCore, numbers, signal })
  return (1_000_000 * ((await cpuSecondsOf(child.pid)) - before)) / requests
}

function resultOf(rounds: readonly Round[]): { figures: Figures; text: string } {
  const medianBy = (of: (round: Round) => number) => medianOf(rounds.map(of))
  const ratioOf = (way: Way) => medianBy((round) => round[way] / round.plain)
  const rows = ways.map((way) => {
    const cost = medianBy((round) => round[way])
    const more = medianBy((round) => round[way] - round.plain)
    return [titles[way], ...[cost, ratioOf(way), more].map(formatFigure)]
  })
  const text = `${figuresTable(['a gateway', 'µs for a request', 'ratio', 'µs more'], rows)}
Processor time of each gateway, both at once on one processor with ${connections} connections each, sessions and receipts with it; no meter,
nobody asks for signatures. The one with an agent has fewer requests to spread over each round of events.
`
  return {
    figures: {
      pathPlainPerCpuSecond: Math.round(1_000_000 / medianBy(({ plain }) => plain)),
      pathLinkedPerCpuSecond: Math.round(1_000_000 / medianBy(({ linked }) => linked)),
      pathLinkedToPlainCostRatio: Number(ratioOf('linked').toFixed(3)),
    },
    text,
  }
}
