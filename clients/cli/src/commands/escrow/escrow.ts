import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { examples } from '../../help.ts'
import { addConsentCommands } from './consent.ts'
import { addDepositCommands } from './deposit.ts'
import { addEscrowShowCommand } from './show.ts'
import { addEscrowWithdrawCommands } from './withdraw.ts'

export function addEscrowCommand(program: Command, context: Context): void {
  const escrow = program
    .command('escrow')
    .summary('deposit what requests are paid from, and take out what is left')
    .description(
      'Deposit ANKR or the stablecoin that requests are paid from, and take out what is left.',
    )
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'npx mooring escrow show 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        'npx mooring escrow deposit 1000 --dry-run',
      ),
    )
  addEscrowShowCommand(escrow, context)
  addDepositCommands(escrow, context)
  addConsentCommands(escrow, context)
  addEscrowWithdrawCommands(escrow, context)
}
