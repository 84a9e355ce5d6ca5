import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { tokenFrom, type Wish, wishFor } from '@mooring/testkit/verifier-seats'
import { startVerifiers, type Verifiers } from '@mooring/testkit/verifiers'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import type { MeasureContext } from '../harness/measurement.ts'
import type { Figures } from '../harness/report.ts'
import { formatFigure } from '../harness/report.ts'
import { percentileOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { measureCheck } from './check.ts'

/** Of tokens that are asked for one after the other, and so many at once. */
const rounds = { alone: 100, atOnce: 8, togetherRounds: 12 }
/** The first ones compile what all of them run. */
const warmUps = 10
/** Accounts that take turns, as many as the local economy gives tokens to. */
const players = 8

/** What it takes to make a token once the twelfth block is there, from the request to the opened token. */
export async function measureAuth({
  signal,
  say,
}: MeasureContext): Promise<{ figures: Figures; text: string }> {
  say('starting a chain and three verifiers …')
  await using chain = await openDepositChain()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-auth-'))
  try {
    await using verifiers = await startVerifiers({
      deployment: chain.system.deployment,
      sourcesOf: () => chain.nodes.map(({ url }) => url),
      folder,
      settings: {
        logLevel: 'error',
        rate: { requestsPerSecond: 10_000, burstRequests: 10_000, hourlyTokensMax: 10_000 },
      },
      signal,
    })
    for (let at = 0; at < warmUps; at++) await issueOnce(verifiers, await wishFor(chain, 1))
    say(`${rounds.alone} tokens, one after the other …`)
    const cpuBefore = await cpuOf(verifiers)
    const alone: number[] = []
    for (let at = 0; at < rounds.alone; at++) {
      signal.throwIfAborted()
      alone.push(await issueOnce(verifiers, await wishFor(chain, (at % players) + 1)))
    }
    const cpuMs = ((await cpuOf(verifiers)) - cpuBefore) * 1_000
    say(`${rounds.togetherRounds} times ${rounds.atOnce} tokens at once …`)
    const together = await measureTogether(chain, verifiers, signal)
    say('keys at a gateway …')
    const { chainId, parts } = chain.system.deployment
    const domain = { chainId, ankrEscrow: parts.ankrEscrow }
    const keys = together.last.map(({ access }) => access.key)
    const checked = await measureCheck(domain, verifiers, keys)
    const figures = {
      ...checked.figures,
      issuedAloneP50Ms: percentileOf(alone, 0.5),
      issuedAloneP99Ms: percentileOf(alone, 0.99),
      issuedTogetherP50Ms: percentileOf(together.tookMs, 0.5),
      issuedTogetherP99Ms: percentileOf(together.tookMs, 0.99),
      issuedPerSecond: together.perSecond,
      // Of all verifiers together, with what they watch the chain for.
      verifiersCpuPerTokenMs: cpuMs / rounds.alone,
    }
    return { figures, text: `${textOf(figures)}\n${checked.text}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function textOf(figures: Figures): string {
  const row = (title: string, one: string, other: string) => [
    title,
    formatFigure(figures[one] ?? Number.NaN),
    formatFigure(figures[other] ?? Number.NaN),
  ]
  return `From the 12th block to an opened token, by three verifiers in three processes
${figuresTable(
  ['', 'p50 ms', 'p99 ms'],
  [
    row('one after the other', 'issuedAloneP50Ms', 'issuedAloneP99Ms'),
    row(`${rounds.atOnce} at once`, 'issuedTogetherP50Ms', 'issuedTogetherP99Ms'),
  ],
)}
${formatFigure(figures.issuedPerSecond ?? 0)} tokens a second, ${formatFigure(figures.verifiersCpuPerTokenMs ?? 0)} ms of processor for each, of all verifiers together
`
}

async function measureTogether(
  chain: DepositChain,
  verifiers: Verifiers,
  signal: AbortSignal,
): Promise<{ tookMs: number[]; perSecond: number; last: readonly Wish[] }> {
  const tookMs: number[] = []
  // Another key ends the tokens of the one before, so these are the only ones that go on.
  let last: readonly Wish[] = []
  let wholeMs = 0
  for (let round = 0; round < rounds.togetherRounds; round++) {
    signal.throwIfAborted()
    const wishes: Wish[] = []
    for (let at = 0; at < rounds.atOnce; at++) wishes.push(await wishFor(chain, at + 1))
    last = wishes
    const startMs = performance.now()
    tookMs.push(...(await Promise.all(wishes.map((wish, at) => issueOnce(verifiers, wish, at)))))
    wholeMs += performance.now() - startMs
  }
  return { tookMs, perSecond: (tookMs.length * 1_000) / wholeMs, last }
}

/** @param at - Which verifier is asked; clients choose any. */
async function issueOnce({ processes }: Verifiers, wish: Wish, at = 0): Promise<number> {
  const verifier = processes[at % processes.length]
  if (verifier === undefined) throw new Error('there are no verifiers')
  const startMs = performance.now()
  await tokenFrom(verifier, wish)
  return performance.now() - startMs
}

async function cpuOf({ processes }: Verifiers): Promise<number> {
  const seconds = await Promise.all(processes.map(({ pid }) => cpuSecondsOf(pid)))
  return seconds.reduce((sum, one) => sum + one, 0)
}
