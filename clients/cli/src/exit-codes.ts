/** How the command ends. Scripts branch on these numbers, so a number never changes its meaning. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  unexpected: {
    code: 1,
    meaning: 'something unexpected, what was verified does not hold, or you stopped it',
  },
  badInput: { code: 2, meaning: 'wrong usage or bad input' },
  unreachable: { code: 3, meaning: 'a gateway or an upstream could not be reached' },
  rpcError: { code: 4, meaning: 'the answer was a JSON-RPC error' },
  refused: { code: 5, meaning: 'a contract, the verifiers or the accounts service refused' },
} as const satisfies Record<string, { code: number; meaning: string }>

export type ExitName = keyof typeof exitCodes

/**
 * Ends the command. The only error thrown on purpose; anything else counts as `unexpected`.
 *
 * @param exit - A row of `exitCodes`, or the code of a program that ran in the command's place.
 * @param message - What happened and how to go on, for stderr; empty when all was said already.
 */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(exit: ExitName | number, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = typeof exit === 'number' ? exit : exitCodes[exit].code
  }
}

export function exitCodesHelp(): string {
  const lines = Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`)
  const json = 'With --json a failure is one JSON object on stdout as well: its `error` says why.'
  return `Exit codes:\n${lines.join('\n')}\n\n${json}`
}
