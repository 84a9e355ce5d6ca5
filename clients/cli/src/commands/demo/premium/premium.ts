import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import type { Context } from '../../../context.ts'
import { CommandError } from '../../../exit-codes.ts'
import { writeJson } from '../../../terminal/json.ts'
import { formatTable } from '../../../terminal/table.ts'
import { askGateway, assertRefused, chainUrlOf, premiumMethod } from './ask-gateway.ts'
import { whileOneIsStopped, whileOneLies } from './bad-verifiers.ts'
import { fund } from './chain.ts'
import {
  type Deposits,
  deliverToDerived,
  deliverToKey,
  deliverToProof,
  deliverToWallet,
} from './deliveries.ts'
import { demoNetworkOf } from './network.ts'
import { freeze, register, revoke, rotate, unfreeze } from './project-key.ts'
import { assertShown, openStage, type RunMooring, type Stage } from './stage.ts'

const purse = { ankr: 1_000n * 10n ** 18n, usd: 50n * 10n ** 6n, gasWei: 10n ** 18n }

/** One thing the demo shows. @returns What was seen. */
export type Chapter = { name: string; show(stage: Stage): Promise<string> }

/** What became of a chapter. `shown` is why, where it failed; `stopped`: by whoever watched. */
export type Shown = {
  name: string
  outcome: 'ok' | 'failed' | 'stopped' | 'not reached'
  tookMs: number
  shown: string
}

/** From a fresh wallet to a premium answer, by the commands that people use. */
export async function demoPremium(
  context: Context,
  run: RunMooring,
  options: { json?: true },
): Promise<void> {
  const network = demoNetworkOf(context)
  const home = mkdtempSync(join(tmpdir(), 'mooring-demo-'))
  const privateKey = generatePrivateKey()
  try {
    const signal = context.interruption()
    const stage = openStage({ context, network, run, home, privateKey, signal })
    const shown = await play(stage, chaptersFor(privateKeyToAddress(privateKey)))
    const ok = shown.every(({ outcome }) => outcome === 'ok')
    if (options.json) writeJson(context, { ok, chapters: shown })
    else context.stdout.write(`\n${tableOf(shown)}`)
    if (!ok) throw new CommandError('unexpected', endingOf(shown))
    context.stderr.write('\nEverything held. The network is as it was before.\n')
  } finally {
    // The wallet and its keys were made for this, and have nothing left that anybody needs.
    rmSync(home, { recursive: true, force: true })
  }
}

function endingOf(all: readonly Shown[]): string {
  const isStopped = all.some(({ outcome }) => outcome === 'stopped')
  return isStopped
    ? 'Stopped as you wished: nothing failed before that, and the rest was not shown.'
    : 'Not everything held: see the table.'
}

function chaptersFor(address: `0x${string}`): Chapter[] {
  const deposits: Partial<Deposits> = {}
  const ankrDeposit = () => {
    assertShown(deposits.ankr !== undefined, 'there is no deposit')
    return deposits.ankr
  }
  return [
    { name: 'a fresh wallet, with gas, ANKR and dollars', show: (stage) => arrive(stage, address) },
    { name: 'sign in', show: signIn },
    { name: 'deposit, 12 blocks, token for a key', show: (s) => deliverToKey(s, deposits) },
    { name: 'token sealed to the wallet', show: (s) => deliverToWallet(s, deposits) },
    { name: 'token with proofs of possession', show: (s) => deliverToProof(s, deposits) },
    { name: 'token for a derived key', show: (s) => deliverToDerived(s, deposits) },
    { name: 'a key of a project', show: register },
    { name: 'freeze it', show: freeze },
    { name: 'unfreeze it', show: unfreeze },
    { name: 'rotate it', show: rotate },
    { name: 'revoke it', show: revoke },
    {
      name: 'a token while one verifier is dead',
      show: (s) => whileOneIsStopped(s, ankrDeposit()),
    },
    { name: 'a token while one verifier lies', show: (s) => whileOneLies(s, ankrDeposit()) },
    { name: 'sign out', show: signOut },
  ]
}

/** Shows one chapter after the other; each rests on those before it, so the first that is not ok is the last. */
async function play(stage: Stage, chapters: readonly Chapter[]): Promise<Shown[]> {
  const { stderr } = stage.context
  const all: Shown[] = []
  let isOver = false
  for (const { name, show } of chapters) {
    if (isOver) {
      all.push({ name, outcome: 'not reached', tookMs: 0, shown: '' })
      continue
    }
    stderr.write(`${String(all.length + 1).padStart(2)}/${chapters.length}  ${name} … `)
    const startedMs = performance.now()
    const one = await outcomeOf(stage, show)
    const tookMs = Math.round(performance.now() - startedMs)
    all.push({ name, tookMs, ...one })
    stderr.write(`${one.outcome === 'ok' ? secondsText(tookMs) : one.outcome}\n`)
    if (one.shown !== '') stderr.write(`       ${one.shown}\n`)
    isOver = one.outcome !== 'ok'
  }
  return all
}

async function outcomeOf(
  stage: Stage,
  show: Chapter['show'],
): Promise<Pick<Shown, 'outcome' | 'shown'>> {
  try {
    stage.signal.throwIfAborted()
    return { outcome: 'ok', shown: await show(stage) }
  } catch (error) {
    // Whatever was under way breaks off in its own words.
    if (stage.signal.aborted) return { outcome: 'stopped', shown: '' }
    return { outcome: 'failed', shown: error instanceof Error ? error.message : String(error) }
  }
}

async function arrive(stage: Stage, address: `0x${string}`): Promise<string> {
  await fund(stage.network, address, purse)
  const community = await askGateway(stage, {})
  assertShown(community.isAnswer, 'the community endpoint does not answer')
  const premium = await askGateway(stage, { request: premiumMethod })
  assertShown(!premium.isAnswer, 'a premium method is served to everybody')
  const unknown = `${chainUrlOf(stage)}/${'0'.repeat(64)}`
  const status = await assertRefused(stage, { url: unknown }, 'a key that nobody made')
  return `${address}; without a key ${premiumMethod.method} is refused, and a made-up key with HTTP ${status}`
}

async function signIn(stage: Stage): Promise<string> {
  await stage.mooring(['login'])
  await stage.mooring(['account', 'show'])
  return 'by a signature of the wallet; the account reads itself'
}

async function signOut(stage: Stage): Promise<string> {
  await stage.mooring(['logout'])
  return 'the session has ended'
}

function tableOf(all: readonly Shown[]): string {
  const columns = [
    { title: 'WHAT', align: 'left' },
    { title: 'RESULT', align: 'left' },
    { title: 'TOOK', align: 'right' },
    { title: 'SEEN', align: 'left' },
  ] as const
  const rows = all.map(({ name, outcome, tookMs, shown }) => [
    ...[name, outcome, outcome === 'not reached' ? '' : secondsText(tookMs)],
    shown.split('\n')[0] ?? '',
  ])
  const totalMs = all.reduce((sum, { tookMs }) => sum + tookMs, 0)
  return formatTable(columns, [...rows, ['altogether', '', secondsText(totalMs), '']])
}

function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
