import type { Context } from '../../context.ts'
import { runProgram } from '../../program-run.ts'
import { programOf } from '../../repository.ts'

export type MarketOptions = { short?: true; breaks?: true; seed?: string; json?: true }

/** Runs in a network of its own: what it shows takes weeks by the clock of a chain, and breaks things. */
export async function demoMarket(context: Context, options: MarketOptions): Promise<void> {
  const file = programOf(context, 'packages/testkit/src/marketplace/main.ts', 'demo market')
  const { short, breaks, seed, json } = options
  const args = [
    ...(short ? ['--short'] : []),
    ...(breaks ? ['--breaks'] : []),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(json ? ['--json'] : []),
  ]
  await runProgram(context, { name: 'the demo', file, args, cwd: context.cwd })
}
