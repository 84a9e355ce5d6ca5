/** Gas of a transaction, by what it does. */
export type GasFigures = Readonly<Record<string, number>>

/** The figures among what the tests in `contracts/test/gas` print. */
export function figuresIn(output: string): GasFigures {
  const lines = [...output.matchAll(/^\s*gas (.+) (\d+)$/gm)]
  return Object.fromEntries(lines.map(([, name = '', gas]) => [name, Number(gas)]))
}
