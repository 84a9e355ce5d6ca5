import type { Seconds } from '@mooring/protocol/units'
import { type Action, perform } from '../actions.ts'
import type { ContractError } from '../contract-errors.ts'
import type { Economy } from '../economy.ts'
import type { Movement } from '../ledger.ts'
import { isRunning } from '../payments/auction.ts'
import { Refused } from '../refused.ts'
import { createDice, type Dice } from './dice.ts'
import { moves as allMoves, type WeightedMove } from './moves.ts'
import { prologueOf } from './prologue.ts'
import { type Cast, type Move, type Scene, setScene } from './scene.ts'

/** One action at its moment and what the model says it leads to. */
export type Played = {
  now: Seconds
  action: Action
  /** After it; the state before when it was refused. */
  economy: Economy
  movements: readonly Movement[]
  /** Any of these names is right; undefined when the action is done. */
  refused: readonly ContractError[] | undefined
}

const hour = 3_600n
const day = 24n * hour

/** How long nothing happens: mostly moments, sometimes an epoch, now and then a long silence. */
const pauses = [
  { percent: 50, seconds: 120n },
  { percent: 25, seconds: 4n * hour },
  { percent: 15, seconds: day },
  { percent: 8, seconds: 8n * day },
  { percent: 2, seconds: 60n * day },
] as const

/** So many moves without an occasion in a row mean that the table has none that always finds one. */
const triesMax = 1_000

export type Chance = {
  /** Uniform in [0, 1). */
  random: () => number
  length: number
  /** What may happen; without it, everything that actors can do. */
  moves?: readonly WeightedMove[]
}

/** What actors do in an order that chance decides, after what a network does first. The same numbers give the same. */
export function* playSequence(
  opening: Economy,
  cast: Cast,
  { random, length, moves = allMoves }: Chance,
): Generator<Played, Economy> {
  const dice = createDice(random)
  let economy = opening
  for (const action of prologueOf(economy, cast)) {
    const played = play(economy, action, economy.now + 1n)
    economy = played.economy
    yield played
  }
  for (let count = 0; count < length; count++) {
    // A refused action takes its time as well.
    const now = economy.now + pause(dice, economy)
    const action = someAction(moves, setScene(economy, { now, cast, dice }))
    const played = play(economy, action, now)
    economy = played.economy
    yield played
  }
  return economy
}

/** What one action at a moment leads to. */
export function play(economy: Economy, action: Action, now: Seconds): Played {
  try {
    return { now, action, ...perform(economy, action, now), refused: undefined }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const same = { ...economy, now, ledger: { ...economy.ledger, movements: [] } }
    return { now, action, economy: same, movements: [], refused: error.names }
  }
}

function someAction(moves: readonly WeightedMove[], scene: Scene): Action {
  for (let tries = 0; tries < triesMax; tries++) {
    const action = someMove(moves, scene.dice)(scene)
    if (action !== undefined) return action
  }
  throw new RangeError('no move finds an occasion')
}

function someMove(moves: readonly WeightedMove[], dice: Dice): Move {
  let left = dice.below(moves.reduce((sum, { weight }) => sum + weight, 0))
  for (const { move, weight } of moves) {
    left -= weight
    if (left < 0) return move
  }
  throw new RangeError('the weights do not sum up')
}

/** While a lot is for sale, time mostly goes slowly, so that the lot finds buyers. */
function pause(dice: Dice, { router, now }: Economy): Seconds {
  const isSale = isRunning(router.auction, now) && dice.percent(90)
  let left = isSale ? 0 : dice.below(100)
  for (const { percent, seconds } of pauses) {
    left -= percent
    if (left < 0) return dice.between(1n, seconds)
  }
  return 1n
}
