import { parameterSheet, valuesOf } from '@mooring/market/economy/parameters/sheet'
import type { Strategy, Terms, Tried } from '@mooring/market/simulation/strategy'
import { tryOut } from '@mooring/market/simulation/strategy'
import { tokenScale } from '@mooring/protocol/units'

/** A way to play a strategy, with the means over all networks that it was played in. */
export type Row = { strategy: string; how: string; honest: number; cheat: number; spent: number }

/** In whole ANKR. */
export function rowsOf(strategies: readonly Strategy[], terms: readonly Terms[]): Row[] {
  return strategies.flatMap(({ name, attempts }) => {
    const played = terms.map((one) => attempts(one).map(tryOut))
    return (played[0] ?? []).map(({ how }, at) => {
      const tried = played.flatMap((all) => all[at] ?? [])
      const mean = (of: (one: Tried) => bigint) => meanOf(tried.map(of))
      const [honest, cheat] = [mean((one) => one.honest), mean((one) => one.cheat)]
      return { strategy: name, how, honest, cheat, spent: mean(({ spent }) => spent) }
    })
  })
}

/** As the documents have it. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['Strategy', 'How', 'Spent', 'Honest', 'With it', 'Difference']
  const lines = rows.map(({ strategy, how, honest, cheat, spent }, at) => [
    rows[at - 1]?.strategy === strategy ? '' : strategy,
    how,
    ...[spent, honest, cheat, cheat - honest].map((amount) => amount.toLocaleString('en-US')),
  ])
  const rule = ['---', '---', '---:', '---:', '---:', '---:']
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Why each of them does what it does. */
export function reasonsOf(strategies: readonly Strategy[]): string {
  const lines = strategies.map(({ name, why }) => `| ${name} | ${why} |`)
  return ['| Strategy | Why |', '| --- | --- |', ...lines].join('\n')
}

/** Networks with the parameters that a deployment begins with. */
export function termsOf(count: number): Terms[] {
  const values = valuesOf(parameterSheet)
  return Array.from({ length: count }, (_, at) => ({ seed: at + 1, values }))
}

function meanOf(amounts: readonly bigint[]): number {
  const sum = amounts.reduce((all, amount) => all + amount, 0n)
  return Math.round(Number(sum / BigInt(Math.max(1, amounts.length))) / Number(tokenScale))
}
