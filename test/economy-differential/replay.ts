import type { Action } from '@mooring/market/economy/actions'
import type { ContractError } from '@mooring/market/economy/contract-errors'
import type { Economy } from '@mooring/market/economy/economy'
import { type Played, play } from '@mooring/market/economy/sequence/sequence'
import type { Seconds } from '@mooring/protocol/units'
import { differences } from './compare.ts'
import { type Outcome, transact } from './transact.ts'
import type { World } from './world.ts'

/** Somebody does something at a moment. */
export type Moment = { action: Action; now: Seconds }

/** What was wrong after which of the moments. */
export type Divergence = { place: number; problems: string[] }

/** Does the same on chain and in the model; the first place where they differ, or undefined. */
export async function replay(
  world: World,
  opening: Economy,
  moments: readonly Moment[],
): Promise<Divergence | undefined> {
  let economy = opening
  for (const [place, moment] of moments.entries()) {
    const played = play(economy, moment.action, moment.now)
    const problems = await stepProblems(world, economy, played)
    if (problems.length > 0) return { place, problems }
    economy = played.economy
  }
  return undefined
}

/** One action on chain after the model has done it. */
export async function stepProblems(
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
