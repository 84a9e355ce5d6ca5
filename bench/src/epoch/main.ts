import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import { openKeccak } from '@mooring/onchain/keccak'
import { startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import { runProgram } from '../harness/programs.ts'
import { formatFigure } from '../harness/report.ts'
import { figuresTable } from '../harness/table.ts'
import { type Gas, measureGas, populate, readChainSide } from './gas.ts'
import { largeEpoch } from './large-epoch.ts'
import { type Plan, quickPlan, wholePlan } from './plan.ts'

const usage = `npm run bench:epoch               what it takes to close an epoch of 100,000 accounts and 500 providers
npm run bench:epoch -- --quick    a look at everything, small
npm run bench:epoch -- --json     one object { name, machine, figures }`

const chainId = 31_337

async function measure({ signal, say }: MeasureContext, plan: Plan): Promise<Measured> {
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ chainId, signal }))
  const stage = { ...(await loadEconomy(anvil)), anvil }
  const keccak = await openKeccak()
  say(`${plan.providers} providers and ${plan.depositors} depositors on the chain …`)
  await populate(stage, plan)
  signal.throwIfAborted()
  say(`an epoch of ${plan.accounts} accounts, ${plan.receipts} receipts to be signed …`)
  const file = await largeEpoch(plan, await readChainSide(stage), keccak)
  signal.throwIfAborted()
  say('recomputed in a process of its own …')
  const { steps, bytes } = await recompute(file, signal)
  say('posted and paid …')
  const gas = await measureGas(stage, file, plan, keccak)
  const figures: Record<string, number> = { fileBytes: bytes }
  for (const [name, { cpuMs, peakMib }] of Object.entries(steps)) {
    figures[`${name}CpuMs`] = cpuMs
    figures[`${name}PeakMib`] = peakMib
  }
  for (const [name, value] of Object.entries(gas)) figures[`${name}GasCount`] = Number(value)
  return { figures, text: textOf(plan, { steps, bytes, gas }), broken: [] }
}

type Steps = Record<string, { cpuMs: number; peakMib: number }>

async function recompute(
  file: EpochFile,
  signal: AbortSignal,
): Promise<{ steps: Steps; bytes: number }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-epoch-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'epoch.json')
  const bytes = await Bun.write(path, encodeEpochFile(file))
  const program = join(import.meta.dirname, 'recompute-program.ts')
  const command = [process.execPath, '--no-install', program, path]
  const { stdout } = await runProgram({ command, timeoutMs: 300_000, signal })
  // What the program prints.
  return { steps: JSON.parse(stdout) as Steps, bytes }
}

function textOf(
  plan: Plan,
  { steps, bytes, gas }: { steps: Steps; bytes: number; gas: Gas },
): string {
  const rows = Object.entries(steps).map(([name, { cpuMs, peakMib }]) => [
    name,
    ...[cpuMs, peakMib].map(formatFigure),
  ])
  const gasRows = Object.entries(gasWords).map(([name, words]) => [
    words,
    // The names are those of the figures.
    formatFigure(Number(gas[name as keyof Gas])),
  ])
  return `An epoch of ${plan.accounts} accounts, ${plan.providers} providers, ${plan.receipts} receipts: ${bytes} bytes
${figuresTable(['step', 'ms of processor', 'peak MiB so far'], rows)}
${figuresTable(['what the chain takes', 'gas'], gasRows)}
`
}

const gasWords = {
  chargeRoot: 'a charge root',
  charge: 'a charge, with its proof among all accounts, 200 at a time',
  epoch: 'the roots of an epoch',
  payout: 'a payout to a provider with delegators, 20 at a time',
  payouts: 'all payouts',
} as const satisfies Record<keyof Gas, string>

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { json: flag, quick: flag, help: flag } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

const { json, quick, help } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const plan = quick ? quickPlan : wholePlan
process.exit(
  await runMeasurement(
    {
      name: quick ? 'epoch quick' : 'epoch',
      timeoutMs: plan.timeoutMs,
      measure: (context) => measure(context, plan),
    },
    { json },
  ),
)
