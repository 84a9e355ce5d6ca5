import type { TokenAmount } from '@mooring/protocol/units'
import { splitFee } from '../economy/payments/fee-split.ts'
import { creditsOfAnkr } from '../metering/credits.ts'
import { deposit, noHolding } from '../metering/holding.ts'
import type { PreviousEpoch } from '../settlement/epoch-data.ts'
import { chanceOf } from './chance.ts'
import { type Closing, close } from './closing.ts'
import type { Scenario } from './scenario.ts'
import { useFor } from './using.ts'
import { workFor } from './working.ts'

/** What everybody paid and got, over all epochs. */
export type Played = {
  spent: ReadonlyMap<string, TokenAmount>
  earned: ReadonlyMap<bigint, TokenAmount>
  withheld: TokenAmount
  /** Providers' part of all fees. */
  funded: TokenAmount
  /** Whether some chain has more relays than its requests were charged. */
  isSuspicious: boolean
}

/** Deposits, uses, charges, splits and closes, epoch by epoch, by the rules that services and contracts follow. */
export function play(scenario: Scenario): Played {
  const { values, consumers, epochs, seed, late } = scenario
  const random = chanceOf(seed)
  let holdings = consumers.map(({ deposit: tokens, usdPerAnkr, discountPpm }) => {
    const credits = creditsOfAnkr(tokens, { usdPerAnkr, discountPpm })
    return deposit(noHolding, { tokens, credits }).holding
  })
  const chains = [...new Set(consumers.flatMap(({ uses }) => uses.map(({ chain }) => chain)))]
  let previous: PreviousEpoch | null = null
  let [funded, arriving, isSuspicious] = [0n, 0n, false]
  for (let number = 0n; number < BigInt(epochs); number++) {
    const used = consumers.map(({ uses }, at) => {
      const now = uses.filter((use) => use.epochs?.includes(Number(number)) ?? true)
      return useFor(holdings[at] ?? noHolding, now, values)
    })
    holdings = used.map(({ holding }) => holding)
    for (const { tokens } of used) arriving += splitFee(tokens, values).providers
    if (!late.includes(Number(number))) [funded, arriving] = [funded + arriving, 0n]
    const served = chains.sort().map((chain) => workFor(chain, used, { scenario, random }))
    isSuspicious ||= served.some(({ charged, relayed }) => relayed > charged)
    const closing: Closing = {
      scenario,
      number,
      previous,
      used,
      chains: served,
      fundedTotal: funded,
    }
    previous = close(closing).posted
  }
  return {
    spent: new Map(consumers.map(({ account }, at) => [account, holdings[at]?.spent ?? 0n])),
    earned: new Map(previous?.payouts.map((row) => [row.providerId, row.cumulative])),
    withheld: previous?.withheldTotal ?? 0n,
    ...{ funded, isSuspicious },
  }
}
