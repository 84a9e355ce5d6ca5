import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../help.ts'
import { writeJson } from '../terminal/json.ts'
import type { Given } from './signing-command.ts'
import { addSystemOptions, connect, type System, type SystemOptions } from './system.ts'

/** A command that asks the chain and signs nothing. */
export type ReadingCommand<Answer> = {
  name: string
  summary: string
  description: string
  arguments?: Readonly<Record<string, string>>
  options?: Readonly<Record<string, string>>
  examples: readonly string[]
  read: (system: System, given: Given) => Promise<Answer>
  /** For people. */
  print: (answer: Answer, system: System) => string | Promise<string>
  /** For programs; amounts, which are bigints, become decimal strings of base units. */
  json: (answer: Answer) => unknown
}

export function addReadingCommand<Answer>(
  parent: Command,
  context: Context,
  command: ReadingCommand<Answer>,
): void {
  const added = parent
    .command(command.name)
    .summary(command.summary)
    .description(command.description)
    .addHelpText('before', examples(...command.examples))
  for (const [form, text] of Object.entries(command.arguments ?? {})) added.argument(form, text)
  for (const [flags, text] of Object.entries(command.options ?? {})) added.option(flags, text)
  addSystemOptions(added)
    .option('--json', 'print one JSON object')
    .action(async (...typed: unknown[]) => {
      const options = added.opts<SystemOptions & { json?: true }>()
      // Commander hands over the arguments first, then the options and the command.
      const args = typed.slice(0, added.registeredArguments.length) as (string | undefined)[]
      const system = await connect(context, options)
      const answer = await command.read(system, { args, options })
      if (options.json) writeJson(context, withoutBigints(command.json(answer)))
      else context.stdout.write(await command.print(answer, system))
    })
}

function withoutBigints(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member)),
  )
}
