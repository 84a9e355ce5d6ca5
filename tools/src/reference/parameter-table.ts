/** A parameter as the contracts have it, in seconds, PPM, base units or plain counts. */
export type ParameterRow = { name: string; initial: bigint; min: bigint; max: bigint }

const units: Readonly<Record<string, bigint>> = {
  minutes: 60n,
  hours: 3_600n,
  days: 86_400n,
}

/** @param params - Text of `Params.sol`. @param table - Text of `ParamTable.sol`. */
export function parameterRows(params: string, table: string): ParameterRow[] {
  const names = membersOf(params)
  const byName = new Map<string, ParameterRow>()
  for (const [, statement = '', cells = '', comment = ''] of table.matchAll(
    /^ *(.*?)return Row\(([^;]*)\);(?: \/\/ (\w+))?$/gm,
  )) {
    // The last row of each group has no condition; a comment names it.
    const name = /Param\.(\w+)\)/.exec(statement)?.[1] ?? comment
    const [initial, min, max] = cells.split(/, /).map(numberIn)
    if (initial === undefined || min === undefined || max === undefined) {
      throw new Error(`a row of three values is due: ${cells}`)
    }
    byName.set(name, { name, initial, min, max })
  }
  return names.map((name) => {
    const row = byName.get(name)
    if (row === undefined) throw new Error(`ParamTable.sol has no row that names ${name}`)
    return row
  })
}

/** Names of the rules between parameters. */
export function ruleNames(rules: string): string[] {
  return [...rules.matchAll(/(?:_atLeast|RuleBroken)\(\s*"([^"]+)"/g)].map(([, name = '']) => name)
}

function membersOf(params: string): string[] {
  const body = /enum Param \{([^}]*)\}/.exec(params)?.[1] ?? ''
  return body.split(',').map((member) => member.trim())
}

function numberIn(text: string): bigint {
  const limit = /^type\(uint(\d+)\)\.max$/.exec(text)
  if (limit !== null) return 2n ** BigInt(limit[1] ?? 0) - 1n
  if (text === 'NO_LIMIT') return noLimit
  const [, digits = '', zeros, unit] = /^([\d_]+)(?:e(\d+))?(?: (\w+))?$/.exec(text) ?? []
  if (digits === '' || (unit !== undefined && units[unit] === undefined)) {
    throw new Error(`not a value that is understood: ${text}`)
  }
  const whole = BigInt(digits.replaceAll('_', '')) * 10n ** BigInt(zeros ?? 0)
  return whole * (unit === undefined ? 1n : (units[unit] ?? 1n))
}

/** What an amount that is no limit is set to. */
export const noLimit = 2n ** 112n - 1n
