import type { Command } from 'commander'
import { CommandError } from '../exit-codes.ts'
import { examples } from '../help.ts'

export function addHelpCommand(program: Command): void {
  program
    .command('help')
    .summary('print the help of a command')
    .description(
      'Print the help of a command, as its --help does; without one the list of commands.',
    )
    .argument('[command...]', 'which command')
    .addHelpText(
      'before',
      examples('npx mooring help', 'npx mooring help call', 'npx mooring help config check'),
    )
    .action((names: string[]) => commandNamed(program, names).outputHelp())
}

function commandNamed(program: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const next = command.commands.find((candidate) => candidate.name() === name)
    if (next !== undefined) return next
    throw new CommandError(
      'badInput',
      `There is no command ${JSON.stringify(names.join(' '))}: \`npx mooring help\` lists them all.`,
    )
  }, program)
}
