import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addNodeEndpointCommand } from './endpoint.ts'
import { addNodeKeyCommands } from './keys.ts'
import { addNodeShowCommand } from './show.ts'
import { addNodeStatusCommands } from './status.ts'

export function addNodeCommand(program: Command, context: Context): void {
  const node = program
    .command('node')
    .summary("register a provider's nodes and move them through their life")
    .description(
      "Register a provider's nodes, ask for their audit, admit, activate, drain and retire them.",
    )
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring node show 1', 'npx mooring node activate 1'))
  addNodeShowCommand(node, context)
  addNodeKeyCommands(node, context)
  addNodeEndpointCommand(node, context)
  addNodeStatusCommands(node, context)
}
