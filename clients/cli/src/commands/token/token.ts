import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addTokenRequestCommand } from './request.ts'
import { addTokenProofCommand, addTokenShowCommand } from './show.ts'

export function addTokenCommand(program: Command, context: Context): void {
  const token = program
    .command('token')
    .summary('get the token that rests on a deposit, and use it')
    .description(
      'Get the access token that rests on a deposit. It is made by several verifiers together: none of them could make one alone.',
    )
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'npx mooring token request --key mine --transaction 0x…',
        'npx mooring token show mine',
      ),
    )
  addTokenRequestCommand(token, context)
  addTokenShowCommand(token, context)
  addTokenProofCommand(token, context)
}
