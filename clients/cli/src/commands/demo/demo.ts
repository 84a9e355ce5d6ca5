import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { examples } from '../../help.ts'
import { demoMarket, type MarketOptions } from './market.ts'
import { demoPremium } from './premium/premium.ts'
import type { RunMooring } from './premium/stage.ts'

/** @param run - Runs a command line: a demo shows the commands that people use. */
export function addDemoCommand(program: Command, context: Context, run: RunMooring): void {
  const demo = program
    .command('demo')
    .summary('see a whole way at once')
    .description('Show a whole way at once.')
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring demo premium', 'npx mooring demo market'))
  addCommand(demo, {
    name: 'premium',
    summary: 'from a fresh wallet to a premium answer',
    description:
      'Go from a fresh wallet to a premium answer: sign in, deposit, a token in each way of delivery, a project key frozen, rotated and revoked, then one verifier dead and one lying. Ends with 0 only when everything held, and leaves the network as it was.',
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring demo premium', 'npx mooring demo premium --json'],
  }).action((options: { json?: true }) => demoPremium(context, run, options))
  addCommand(demo, {
    name: 'market',
    summary: 'the way of the money, from deposits to withdrawals',
    description:
      'Start a whole network of its own, with providers, delegators and consumers, and let the money go all its way: deposits, paid traffic over several epochs, charges, payouts, claims and withdrawals, while one provider is slow, one idle and one offline for an epoch. Takes some minutes, and ends with a table of where every unit is; with 0 only when all books agree to the unit.',
    options: {
      '--short': 'fewer requests and epochs',
      '--breaks': 'kill services and fork the settlement chain at random meanwhile',
      '--seed <number>': 'what breaks when (default: 1)',
      '--json': 'print one JSON object',
    },
    examples: ['npx mooring demo market', 'npx mooring demo market --breaks --seed 7'],
  }).action((options: MarketOptions) => demoMarket(context, options))
}
