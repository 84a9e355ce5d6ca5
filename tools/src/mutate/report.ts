import { idOf, type Mutant } from './mutants.ts'

export const fates = ['killed', 'survived', 'invalid'] as const
/** Killed by a test, alive, or no program at all. */
export type Fate = (typeof fates)[number]

export type Trial = {
  fate: Fate
  /** Which tests saw it. */
  by: 'unit tests' | 'the economy' | 'the compiler' | 'time' | 'nobody'
  seconds: number
}

/** By the id of the mutant. */
export type Trials = Readonly<Record<string, Trial>>

/** A mutant that no test can tell from the original, or need not, and why. */
export type Explained = Pick<Mutant, 'file' | 'within' | 'operator' | 'before' | 'after'> & {
  reason: string
}

export type Tally = Record<Fate, number> & { operator: string; of: number; explained: number }

export function tallyOf(
  mutants: readonly Mutant[],
  trials: Trials,
  explained: readonly Explained[],
): Tally[] {
  const known = new Set(explained.map(idOf))
  const byOperator = Map.groupBy(mutants, ({ operator }) => operator)
  return [...byOperator].map(([operator, list]) => {
    const tally = { operator, of: list.length, killed: 0, survived: 0, invalid: 0, explained: 0 }
    for (const mutant of list) {
      const trial = trials[idOf(mutant)]
      if (trial === undefined) continue
      if (trial.fate === 'survived' && known.has(idOf(mutant))) tally.explained++
      else tally[trial.fate]++
    }
    return tally
  })
}

/** Alive and without an explanation: a test is missing, or code that does nothing. */
export function survivorsOf(
  mutants: readonly Mutant[],
  trials: Trials,
  explained: readonly Explained[],
): Mutant[] {
  const known = new Set(explained.map(idOf))
  return mutants.filter((mutant) => {
    const id = idOf(mutant)
    return trials[id]?.fate === 'survived' && !known.has(id)
  })
}

export function tableOf(tallies: readonly Tally[]): string {
  const sum = tallies.reduce(
    (all, tally) => ({
      operator: 'all',
      of: all.of + tally.of,
      killed: all.killed + tally.killed,
      survived: all.survived + tally.survived,
      invalid: all.invalid + tally.invalid,
      explained: all.explained + tally.explained,
    }),
    { operator: 'all', of: 0, killed: 0, survived: 0, invalid: 0, explained: 0 },
  )
  const head = ['operator', 'mutants', 'tried', 'killed', 'no program', 'explained', 'survived']
  const rows = [...tallies, sum].map(({ operator, of, killed, survived, invalid, explained }) => {
    const tried = killed + survived + invalid + explained
    return [operator, ...[of, tried, killed, invalid, explained, survived].map(String)]
  })
  return [head, ...rows]
    .map(
      ([name = '', ...cells]) => name.padEnd(18) + cells.map((cell) => cell.padStart(11)).join(''),
    )
    .join('\n')
}

export function lineOf({ file, line, within, operator, before, after }: Mutant): string {
  return `${file}:${line} ${within}, ${operator}\n    - ${before}\n    + ${after}`
}

/** Of every operator alike and by no rule but a number of its text, so that any beginning of it is a fair sample. */
export function fairOrder(mutants: readonly Mutant[]): Mutant[] {
  const piles = [...Map.groupBy(mutants, ({ operator }) => operator).values()].map((pile) =>
    pile
      .map((mutant) => ({ mutant, draw: Bun.hash(idOf(mutant)) }))
      .sort((a, b) => (a.draw < b.draw ? -1 : 1)),
  )
  // Each stands where it would in a pile of length one, so that long piles are not left for the end.
  return piles
    .flatMap((pile) => pile.map((row, at) => ({ ...row, place: (at + 0.5) / pile.length })))
    .sort((a, b) => a.place - b.place || (a.draw < b.draw ? -1 : 1))
    .map(({ mutant }) => mutant)
}
