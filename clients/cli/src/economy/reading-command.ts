import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { writeJson } from '../terminal/json.ts'
import { addCommand, type CommandForm, type Given, givenTo } from './given.ts'
import { addSystemOptions, connect, type System, type SystemOptions } from './system.ts'

/** A command that asks the chain and signs nothing. */
export type ReadingCommand<Answer> = CommandForm & {
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
  const added = addSystemOptions(addCommand(parent, command))
  added.option('--json', 'print one JSON object').action(async (...typed: unknown[]) => {
    const options = added.opts<SystemOptions & { json?: true }>()
    const system = await connect(context, options)
    const answer = await command.read(system, givenTo(added, typed))
    if (options.json) writeJson(context, withoutBigints(command.json(answer)))
    else context.stdout.write(await command.print(answer, system))
  })
}

/** As JSON has them: decimal strings of base units. */
export function withoutBigints(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member)),
  )
}
