/** The beginning of a command's help: what people copy. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`
}
