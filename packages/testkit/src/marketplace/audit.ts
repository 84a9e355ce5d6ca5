import { sumOf } from '@mooring/market/economy/money/mul-div'
import type { TokenAmount } from '@mooring/protocol/units'
import { auditBooks } from './audit-books.ts'
import { auditEpochs, type EpochLine } from './audit-epochs.ts'
import { followMoney, type MoneyLine } from './audit-money.ts'
import { type ProviderLine, providerLines } from './audit-providers.ts'
import { receiptLine } from './audit-receipts.ts'
import type { Stage } from './story.ts'

/** Two ways to come to the same number, which have to agree to the unit. */
export type Line = { what: string; expected: bigint; found: bigint }

export type Audit = {
  lines: readonly Line[]
  /** What does not hold, in words; empty when all does. */
  problems: readonly string[]
  cameIn: TokenAmount
  wentOut: readonly MoneyLine[]
  held: readonly MoneyLine[]
  providers: readonly ProviderLine[]
  epochs: readonly EpochLine[]
}

/** Compares every book with every other one, once all is over. */
export async function auditOf(stage: Stage): Promise<Audit> {
  const money = await followMoney(stage.world)
  const epochs = await auditEpochs(stage)
  const books = await auditBooks(stage, epochs.files)
  const all = sumOf([...money.wentOut, ...money.held].map(({ amount }) => amount))
  const cameIn = stage.plan.depositTokens * BigInt(stage.customers.length)
  const lines: Line[] = [
    { what: 'came in = went out and is held', expected: cameIn, found: all },
    ...money.lines,
    ...books.lines,
    await receiptLine(stage, epochs.files),
  ]
  const wrong = lines.filter(({ expected, found }) => expected !== found)
  return {
    lines,
    problems: [
      ...wrong.map(({ what, expected, found }) => `${what}: ${expected} and ${found}`),
      ...books.problems,
      ...epochs.problems,
    ],
    ...{ cameIn, wentOut: money.wentOut, held: money.held, epochs: epochs.lines },
    providers: await providerLines(stage, epochs.files, money.events),
  }
}
