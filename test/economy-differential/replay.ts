import type { Action } from '@mooring/market/economy/actions'
import type { ContractError } from '@mooring/market/economy/contract-errors'
import type { Economy } from '@mooring/market/economy/economy'
import type { Moment } from '@mooring/market/economy/sequence/leaving'
import { type Played, play } from '@mooring/market/economy/sequence/sequence'
import { differences } from './compare.ts'
import { canonical } from './rows/row.ts'
import { type Outcome, transact } from './transact.ts'
import type { World } from './world.ts'

/** Chain and model have come apart. */
export class Divergence extends Error {
  override name = 'Divergence'
  readonly place: number

  constructor(place: number, action: Action, problems: readonly string[]) {
    const { name, caller, args } = action
    const done = `${name} of ${caller} with ${canonical(args)}`
    super(`after action ${place}, ${done}:\n  ${problems.join('\n  ')}`)
    this.place = place
  }
}

/** Does the same on chain and in the model; throws at the first place where they differ. */
export async function replay(
  world: World,
  opening: Economy,
  moments: readonly Moment[],
): Promise<Economy> {
  let economy = opening
  for (const [place, { action, now }] of moments.entries()) {
    const played = play(economy, action, now)
    const problems = await stepProblems(world, economy, played)
    if (problems.length > 0) throw new Divergence(place, action, problems)
    economy = played.economy
  }
  return economy
}

/** The chain as it was before, whatever is done meanwhile. */
export async function returning<T>({ anvil }: World, run: () => Promise<T>): Promise<T> {
  const snapshot = await anvil.ask('evm_snapshot')
  try {
    return await run()
  } finally {
    await anvil.ask('evm_revert', [snapshot])
  }
}

/** One action on chain after the model has done it. */
async function stepProblems(
  world: World,
  before: Economy,
  { action, now, refused, economy }: Played,
): Promise<string[]> {
  const outcome = await transact(world, before, { action, now })
  return [...answerProblems(refused, outcome), ...(await differences(world, economy))]
}

function answerProblems(refused: readonly ContractError[] | undefined, outcome: Outcome): string[] {
  if (outcome === undefined) {
    return refused === undefined ? [] : [`the chain does what the model refuses with ${refused}`]
  }
  if (refused === undefined) return [`the chain refuses what the model does: ${outcome.sentence}`]
  return refused.some((name) => name === outcome.name)
    ? []
    : [`the chain refuses with ${outcome.name ?? outcome.sentence}, the model with ${refused}`]
}
