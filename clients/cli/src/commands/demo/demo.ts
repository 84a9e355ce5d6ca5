import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { examples } from '../../help.ts'
import { demoPremium } from './premium/premium.ts'
import type { RunMooring } from './premium/stage.ts'

/** @param run - Runs a command line: a demo shows the commands that people use. */
export function addDemoCommand(program: Command, context: Context, run: RunMooring): void {
  const demo = program
    .command('demo')
    .summary('see a whole way at once, on a local network')
    .description('Show a whole way at once, on a local network that runs already.')
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring demo premium'))
  addCommand(demo, {
    name: 'premium',
    summary: 'from a fresh wallet to a premium answer',
    description:
      'Go from a fresh wallet to a premium answer: sign in, deposit, a token in each way of delivery, a project key frozen, rotated and revoked, then one verifier dead and one lying. Ends with 0 only when everything held, and leaves the network as it was.',
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring demo premium', 'npx mooring demo premium --json'],
  }).action((options: { json?: true }) => demoPremium(context, run, options))
}
