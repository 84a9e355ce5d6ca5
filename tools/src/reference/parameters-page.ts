import { codeOf, pageOf, tableOf } from './markdown.ts'
import { noLimit, type ParameterRow } from './parameter-table.ts'
import { parameterMeanings, ruleMeanings } from './parameter-words.ts'

/** The reference of every number of the economy that may change. */
export function parametersPage(rows: readonly ParameterRow[], rules: readonly string[]): string {
  return pageOf('Parameters of the economy', [
    'Every number of [the economy](../economy.md) that may change, with the bounds nobody can move. The timelock announces a change for an epoch that has not begun; dates that were given to somebody stay. Sources: `Params.sol`, `ParamTable.sol` and `ParamRules.sol` in `contracts/src/governance`.',
    tableOf(
      ['Parameter', 'Default', 'Least', 'Most', 'Meaning'],
      rows.map(({ name, initial, min, max }) => [
        codeOf(name),
        ...[initial, min, max].map((value) => wordsOf(name, value)),
        wordFor(parameterMeanings, name),
      ]),
    ),
    '## Rules between parameters',
    'Checked for the state that will follow, whenever a change is announced and when the store is created.',
    tableOf(
      ['Rule', 'Meaning'],
      rules.map((name) => [codeOf(name), wordFor(ruleMeanings, name)]),
    ),
  ])
}

/** A value with its unit, which the end of the name tells. */
export function wordsOf(name: string, value: bigint): string {
  if (value === noLimit) return 'no limit'
  if (name.endsWith('Seconds') || name.endsWith('SecondsMax')) return spanOf(value)
  if (name.endsWith('Ppm')) return `${Number(value) / 10_000} %`
  if (value >= 10n ** 18n) return `${(value / 10n ** 18n).toLocaleString('en-US')} ANKR`
  if (name === 'EscrowTopUpMin') return `${value} base unit`
  return value.toLocaleString('en-US')
}

function spanOf(seconds: bigint): string {
  const [unit, length] =
    seconds % 86_400n === 0n && seconds > 86_400n
      ? ['days', 86_400n]
      : seconds % 3_600n === 0n
        ? ['h', 3_600n]
        : ['min', 60n]
  return `${seconds / (length as bigint)} ${unit}`
}

function wordFor(words: Readonly<Record<string, string>>, name: string): string {
  const found = words[name]
  if (found === undefined) throw new Error(`parameter-words.ts has no words for ${name}`)
  return found
}
