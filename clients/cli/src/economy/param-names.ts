import { type ParamName, paramNumbers } from '@mooring/abis/params'

// The keys of the table, which its type knows and `Object.keys` does not.
export const paramNames = Object.keys(paramNumbers) as ParamName[]

/** What people call a parameter that a contract names by its number. */
export function paramNameOf(number: number): string {
  return paramNames.find((name) => paramNumbers[name] === number) ?? String(number)
}
