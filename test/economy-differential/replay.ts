import type { Action, VerbName } from '@mooring/market/economy/actions'
import type { ContractError } from '@mooring/market/economy/contract-errors'
import type { Economy } from '@mooring/market/economy/economy'
import type { Moment } from '@mooring/market/economy/sequence/leaving'
import { play } from '@mooring/market/economy/sequence/sequence'
import { differences } from './compare.ts'
import { canonical } from './rows/row.ts'
import { type Outcome, transact } from './transact.ts'
import type { World } from './world.ts'

/** Chain and model have come apart. */
export class Divergence extends Error {
  override name = 'Divergence'
  readonly place: number
  /** What was done last. */
  readonly verb: VerbName

  constructor(place: number, action: Action, problems: readonly string[]) {
    const { name, caller, args } = action
    const done = `${name} of ${caller} with ${canonical(args)}`
    super(`after action ${place}, ${done}:\n  ${problems.join('\n  ')}`)
    this.place = place
    this.verb = name
  }
}

/**
 * Does the same on chain and in the model; throws at the first place where they differ.
 *
 * @param every - After how many actions the whole state is compared; it always is after the last.
 */
export async function replay(
  world: World,
  opening: Economy,
  { moments, every }: { moments: readonly Moment[]; every: number },
): Promise<Economy> {
  let economy = opening
  for (const [place, { action, now }] of moments.entries()) {
    const played = play(economy, action, now)
    const outcome = await transact(world, economy, { action, now })
    const isLooked = (place + 1) % every === 0 || place + 1 === moments.length
    const problems = [
      ...answerProblems(played.refused, outcome),
      ...(isLooked ? await differences(world, played.economy) : []),
    ]
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

function answerProblems(refused: readonly ContractError[] | undefined, outcome: Outcome): string[] {
  if (outcome === undefined) {
    return refused === undefined ? [] : [`the chain does what the model refuses with ${refused}`]
  }
  if (refused === undefined) return [`the chain refuses what the model does: ${outcome.sentence}`]
  return refused.some((name) => name === outcome.name)
    ? []
    : [`the chain refuses with ${outcome.name ?? outcome.sentence}, the model with ${refused}`]
}
