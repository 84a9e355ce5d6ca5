import { resolve } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { readPart } from '@mooring/onchain/contracts'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { relayDomainOf } from '@mooring/onchain/relay-statements'
import { type AgentProcess, startAgentProcess } from '@mooring/testkit/agent'
import { startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { freePort } from '@mooring/testkit/ports'
import { generatePrivateKey } from 'viem/accounts'
import { loadCore, targetCore } from '../gateway/bench.ts'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import { pinnedTo, runProgram } from '../harness/programs.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { inRounds } from '../harness/rounds.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { BlockNumbers } from '../load/block-numbers.ts'
import { bunCommand, startPinned } from '../servers/pinned-server.ts'
import type { LoadDone, LoadOrder, Mode } from './load-program.ts'
import { measurePath } from './measure-path.ts'
import type { Plan } from './plan.ts'

const connections = 64
const chain = 'local_one'
const nodeId = '7'
/** Room in the numbers of blocks for what a second may ask for. */
const relaysPerSecondMax = 100_000
/** What receipts may take of the throughput of an agent. */
export const costMaxRatio = 0.05

const titles: Readonly<Record<Mode, string>> = {
  relayed: 'passes on',
  proven: 'passes on, and signs receipts',
  signed: 'the same, and signs one answer in 100',
}
const modes = ['relayed', 'proven', 'signed'] as const

type Case = { mode: Mode; agent: AgentProcess }
type Round = { perCpuSecond: number; relaysOfReceipt: number }

/** Relays per CPU-second of an agent, with receipts and without. */
export async function measureAgent(
  context: MeasureContext & { plan: Plan },
): Promise<{ figures: Figures; text: string }> {
  const { plan, say, signal } = context
  await using stack = new AsyncDisposableStack()
  say('starting a chain, a node and three agents …')
  const anvil = stack.use(await startAnvil({ chainId: 31_337 }))
  const economy = await loadEconomy(anvil)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/${chain}`
  const command = bunCommand('static-upstream.ts', ['--port', String(port)])
  stack.use(
    await startPinned({ name: 'the static node', command, url }, { core: loadCore, signal }),
  )
  const privateKey = generatePrivateKey()
  const cases: Case[] = []
  for (const mode of modes) {
    const agent = await startAgentProcess({
      ...{ nodeId, privateKey, rpc: anvil.url, deployment: economy.deployment },
      chains: { [chain]: { url } },
      command: pinnedTo(targetCore, []),
      config: { chainPollMs: 2_000, logLevel: 'warn' },
    })
    cases.push({ mode, agent: stack.use(agent) })
  }
  const order = await orderFor(economy, createDigestSigner(privateKey).address)
  const numbers = new BlockNumbers()
  const run = (one: Case, seconds: number) => {
    const firstBlock = numbers.take(seconds * relaysPerSecondMax)
    const own = { mode: one.mode, url: `${one.agent.url}/${chain}`, seconds, firstBlock }
    return measureOnce(one, { ...order, ...own }, context)
  }
  for (const one of cases) {
    say(`warming up: ${titles[one.mode]}`)
    await run(one, plan.warmUpSeconds)
  }
  const measured = await inRounds(cases, plan.rounds, async (one, round) => {
    const found = await run(one, plan.loadSeconds)
    const rate = formatFigure(found.perCpuSecond)
    say(`round ${round + 1} of ${plan.rounds}: ${titles[one.mode]}: ${rate} per CPU-second`)
    return found
  })
  const byMode = new Map(cases.map((one) => [one.mode, measured.get(one) ?? []]))
  const ofAgents = resultOf((mode) => byMode.get(mode) ?? [])
  const ofPath = await measurePath({ economy, nodeUrl: url }, context)
  return {
    figures: { ...ofAgents.figures, ...ofPath.figures },
    text: `${ofAgents.text}\n${ofPath.text}`,
  }
}

type Order = Omit<LoadOrder, 'mode' | 'url' | 'seconds' | 'firstBlock'>

async function orderFor(economy: LocalEconomy, nodeSigner: string): Promise<Order> {
  const [member] = membersOf('gateway')
  if (member === undefined) throw new Error('the set of gateways is empty')
  const { hash } = await readPart(economy, 'priceBook', 'current', [])
  if (hash !== newestTable.hash) throw new Error('the chain names another table of prices')
  return {
    ...{ chain, nodeId, nodeSigner, connections, gatewayKey: privateKeyOf(member) },
    domain: relayDomainOf(economy.deployment),
    epoch: String(await readPart(economy, 'params', 'currentEpoch', [])),
  }
}

async function measureOnce(
  { mode, agent }: Case,
  order: LoadOrder,
  { signal }: MeasureContext,
): Promise<Round> {
  const program = resolve(import.meta.dir, 'load-program.ts')
  const bun = [process.execPath, '--no-install', program, '--order', JSON.stringify(order)]
  const before = await cpuSecondsOf(agent.pid)
  const timeoutMs = (order.seconds + 30) * 1_000
  const { stdout } = await runProgram({ command: pinnedTo(loadCore, bun), timeoutMs, signal })
  const cpuSeconds = (await cpuSecondsOf(agent.pid)) - before
  const done: LoadDone = JSON.parse(stdout)
  if (done.problem !== null) throw new Error(`${titles[mode]}: ${done.problem}`)
  const expected = mode === 'relayed' ? 0 : done.relays
  if (done.proven !== expected) {
    throw new Error(`${done.proven} of ${expected} relays have a receipt`)
  }
  if (mode === 'signed' && done.signedAnswers < Math.floor(done.relays / 100)) {
    throw new Error(`${done.signedAnswers} answers of ${done.relays} were signed`)
  }
  const relaysOfReceipt = done.receipts === 0 ? 0 : done.proven / done.receipts
  return { perCpuSecond: done.relays / cpuSeconds, relaysOfReceipt }
}

function resultOf(roundsOf: (mode: Mode) => readonly Round[]): { figures: Figures; text: string } {
  const ratesOf = (mode: Mode) => roundsOf(mode).map(({ perCpuSecond }) => perCpuSecond)
  const plain = ratesOf('relayed')
  // Of one round each, so that what disturbs a round disturbs both.
  const ratioOf = (mode: Mode) =>
    medianOf(ratesOf(mode).map((rate, round) => rate / (plain[round] ?? Number.NaN)))
  const rows = modes.map((mode) => {
    const rate = medianOf(ratesOf(mode))
    const cost = 1_000_000 / rate - 1_000_000 / medianOf(plain)
    return [titles[mode], ...[rate, ratioOf(mode), cost].map(formatFigure)]
  })
  const relaysOfReceipt = medianOf(roundsOf('proven').map((round) => round.relaysOfReceipt))
  const figures = {
    relayedPerCpuSecond: Math.round(medianOf(plain)),
    provenPerCpuSecond: Math.round(medianOf(ratesOf('proven'))),
    signedPerCpuSecond: Math.round(medianOf(ratesOf('signed'))),
    provenToRelayedRatio: Number(ratioOf('proven').toFixed(3)),
    signedToRelayedRatio: Number(ratioOf('signed').toFixed(3)),
    relaysOfReceiptCount: Math.round(relaysOfReceipt),
  }
  const titlesOf = ['an agent', 'relays per CPU-second', 'ratio', 'µs more']
  const cost = formatFigure((1 - figures.provenToRelayedRatio) * 100)
  const text = `${figuresTable(titlesOf, rows)}
${connections} connections, answers of 1.2 KB; ${figures.relaysOfReceiptCount} relays in a receipt.
ratio: the median of rounds in which both were measured. Receipts take ${cost} % of the throughput; the aim is ${costMaxRatio * 100} % at the most.
`
  return { figures, text }
}
