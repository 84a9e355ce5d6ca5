import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addCheckCommand } from './check.ts'
import { addPayoutsCommand } from './payouts.ts'
import { addProofCommand } from './proof.ts'
import { addShowCommand } from './show.ts'
import { addVerifyCommand } from './verify.ts'

export function addEpochCommand(program: Command, context: Context): void {
  const epoch = program
    .command('epoch')
    .summary('recompute what a closed epoch pays, and prove parts of it')
    .description(
      'Recompute what a closed epoch pays from the data that verifiers publish, and prove parts of it.',
    )
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'npx mooring epoch verify epoch-12.json',
        'npx mooring epoch proof epoch-12.json --account 0x90F79bf6EB2c4f870365E785982E1f101E93b906',
      ),
    )
  addVerifyCommand(epoch, context)
  addShowCommand(epoch, context)
  addProofCommand(epoch, context)
  addCheckCommand(epoch, context)
  addPayoutsCommand(epoch, context)
}
