import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addKeysNewCommand } from './new.ts'
import { addProjectKeyCommands } from './project.ts'
import { addKeysListCommand, addKeysShowCommand } from './show.ts'

export function addKeysCommand(program: Command, context: Context): void {
  const keys = program
    .command('keys')
    .summary('make keys for requests, and freeze, rotate or revoke them')
    .description(
      'Make and keep the keys that requests are sent with. A key is made here and stays here: others get its hash.',
    )
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring keys new mine', 'npx mooring keys show mine'))
  addKeysNewCommand(keys, context)
  addKeysListCommand(keys, context)
  addKeysShowCommand(keys, context)
  addProjectKeyCommands(keys, context)
}
