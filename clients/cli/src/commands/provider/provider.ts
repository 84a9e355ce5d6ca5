import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addProviderChangeCommands } from './change.ts'
import { addOwnershipCommands } from './ownership.ts'
import { addRegisterProviderCommand } from './register.ts'
import { addProviderViewCommands } from './view.ts'

export function addProviderCommand(program: Command, context: Context): void {
  const provider = program
    .command('provider')
    .summary('register a provider, change it, look at those there are')
    .description('Register a provider, change what it says and takes, look at those there are.')
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring provider list', 'npx mooring provider show 1'))
  addProviderViewCommands(provider, context)
  addRegisterProviderCommand(provider, context)
  addProviderChangeCommands(provider, context)
  addOwnershipCommands(provider, context)
}
