import { ppmScale, type TokenAmount } from '@mooring/protocol/units'
import { sumOf } from '../economy/money/mul-div.ts'
import type { ParamValues } from '../economy/parameters/sheet.ts'
import { splitPayout } from '../economy/rewards/payout-split.ts'
import { type Played, play } from './play.ts'
import type { Scenario } from './scenario.ts'

export type Terms = { seed: number; values: ParamValues }

export type Strategy = {
  name: string
  /** Why it loses, in a sentence. */
  why: string
  attempts: (terms: Terms) => readonly Attempt[]
}

/** One way to play it, and what the same player would do otherwise. */
export type Attempt = {
  how: string
  honest: Scenario
  cheat: Scenario
  /** Who is in it: providers, accounts, delegations behind the first provider. */
  party: Party
}

export type Party = {
  providers: readonly bigint[]
  accounts: readonly string[]
  /** Delegated to the first provider, by members and by strangers. */
  delegated?: { own: TokenAmount; strangers: TokenAmount; commissionPpm: bigint }
}

export type Tried = {
  how: string
  honest: TokenAmount
  cheat: TokenAmount
  /** What the party spent on requests when it cheated. */
  spent: TokenAmount
  isSuspicious: boolean
}

/** What capital could earn elsewhere in a year. */
const capitalPpm = 80_000n
const yearSeconds = 365n * 86_400n

export function tryOut({ how, honest, cheat, party }: Attempt): Tried {
  const [fair, foul] = [play(honest), play(cheat)]
  return {
    how,
    honest: profitOf(honest, fair, party),
    cheat: profitOf(cheat, foul, party),
    spent: spentBy(foul, party),
    isSuspicious: foul.isSuspicious,
  }
}

/** What a party earned, less what it spent, what its machines cost and what its stake could have earned elsewhere. */
export function profitOf(scenario: Scenario, played: Played, party: Party): TokenAmount {
  const { values, providers, epochs } = scenario
  const own = providers.filter(({ providerId }) => party.providers.includes(providerId))
  const nodes = own.flatMap((provider) => provider.nodes)
  const upkeep = sumOf(nodes.map((node) => node.upkeep)) * BigInt(epochs)
  const stake = sumOf(nodes.map(({ stakeTimes }) => stakeOf(stakeTimes, values)))
  const bound = stake + (party.delegated?.own ?? 0n)
  const capital =
    (bound * capitalPpm * values.EpochSeconds * BigInt(epochs)) / (ppmScale * yearSeconds)
  const earned = sumOf(party.providers.map((id) => earnedBy(played, id, { party, stake })))
  return earned - spentBy(played, party) - upkeep - capital
}

function spentBy({ spent }: Played, { accounts }: Party): TokenAmount {
  return sumOf(accounts.map((account) => spent.get(account) ?? 0n))
}

/** Of a payout, what stays with the party: all of it but what strangers have delegated for. */
function earnedBy(
  { earned }: Played,
  id: bigint,
  { party, stake }: { party: Party; stake: TokenAmount },
): TokenAmount {
  const amount = earned.get(id) ?? 0n
  const { delegated, providers } = party
  if (delegated === undefined || id !== providers[0]) return amount
  const counted = delegated.own + delegated.strangers
  const split = splitPayout(amount, delegated.commissionPpm, { self: stake, counted })
  if (counted === 0n) return split.toProvider
  return split.toProvider + (split.toDelegators * delegated.own) / counted
}

function stakeOf(times: number, { SelfStakePerNode }: ParamValues): TokenAmount {
  return (SelfStakePerNode * BigInt(Math.round(times * 1_000))) / 1_000n
}
