import { CommanderError } from 'commander'
import type { Context } from './context.ts'
import { CommandError, exitCodes } from './exit-codes.ts'

/** How a command failed: what is left to say on stderr, and the reason for programs. Both empty when all was said. */
export type Failure = { exitCode: number; said: string; reason: string }

export async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof CommandError) {
    const { exitCode, message } = error
    return { exitCode, said: message, reason: message }
  }
  // Commander has written its message by now. It ends with 0 for --help and --version alone.
  if (error instanceof CommanderError) {
    return error.exitCode === 0
      ? { exitCode: exitCodes.ok.code, said: '', reason: '' }
      : {
          ...{ exitCode: exitCodes.badInput.code, said: '' },
          reason: error.message.replace(/^error: /, ''),
        }
  }
  const { isUnreachable } = await import('@mooring/onchain/failures')
  if (isUnreachable(error)) {
    // Its address is not repeated: it may hold a key.
    const said = 'The chain stopped answering. Nothing more was sent.'
    return { exitCode: exitCodes.unreachable.code, said, reason: said }
  }
  const text = (error instanceof Error ? error.stack : undefined) ?? String(error)
  const reason = 'Something unexpected happened in mooring itself'
  const said = `${reason}:\n${withoutUrls(text)}`
  return { exitCode: exitCodes.unexpected.code, said, reason: `${reason}: see stderr.` }
}

/** Whether the command line asks for JSON, also where it is too wrong to be understood. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).includes('--json')
}

/** Takes note of whether an answer has begun: a program that reads one JSON object must not get a second one. */
export function watchAnswer(context: Context): { context: Context; hasBegun(): boolean } {
  let hasBegun = false
  const stdout: Context['stdout'] = {
    ...context.stdout,
    write: (text) => {
      hasBegun = true
      context.stdout.write(text)
    },
  }
  return { context: { ...context, stdout }, hasBegun: () => hasBegun }
}

/** Libraries name the node they asked, whose address may hold a key. */
function withoutUrls(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, 'https://…')
}
