import { isUnreachable } from '@mooring/onchain/failures'
import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { addCallCommand } from './commands/call.ts'
import { addChainsCommand } from './commands/chains.ts'
import { addConfigCheckCommand } from './commands/config/check.ts'
import { addDeployCommand } from './commands/deploy/deploy.ts'
import { addEconomyCommand } from './commands/economy/economy.ts'
import { addEscrowCommand } from './commands/escrow/escrow.ts'
import { addFeesCommand } from './commands/fees/fees.ts'
import { addGatewayCommand } from './commands/gateway.ts'
import { addHelpCommand } from './commands/help.ts'
import { addInitCommand } from './commands/init.ts'
import { addNodeCommand } from './commands/node/node.ts'
import { addPostCommand } from './commands/post/post.ts'
import { addProviderCommand } from './commands/provider/provider.ts'
import { addSignerCommand } from './commands/signer/signer.ts'
import { addClaimCommand } from './commands/stake/claim.ts'
import { addPositionCommand } from './commands/stake/position.ts'
import { addRequestCommands } from './commands/stake/requests.ts'
import { addStakeCommands } from './commands/stake/stake.ts'
import { addUnstakeCommands } from './commands/stake/unstake.ts'
import { addUpCommand } from './commands/up.ts'
import { addUpstreamsCommand } from './commands/upstreams.ts'
import type { Context } from './context.ts'
import { CommandError, exitCodes, exitCodesHelp } from './exit-codes.ts'
import { examples, showWayOnAfterErrors } from './help.ts'

const helpWidthColumns = 100

/** Runs one command line. Never throws. @returns The exit code. */
export async function runMooring(context: Context, args: readonly string[]): Promise<number> {
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' })
    return exitCodes.ok.code
  } catch (error) {
    if (error instanceof CommandError) {
      if (error.message !== '') context.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    // Commander has written its message by now. It ends with 0 for --help and --version alone.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.badInput.code
    }
    if (isUnreachable(error)) {
      // Its address is not repeated: it may hold a key.
      context.stderr.write('The chain stopped answering. Nothing more was sent.\n')
      return exitCodes.unreachable.code
    }
    const text = (error instanceof Error ? error.stack : undefined) ?? String(error)
    context.stderr.write(`Something unexpected happened in mooring itself:\n${withoutUrls(text)}\n`)
    return exitCodes.unexpected.code
  }
}

export function createProgram(context: Context): Command {
  const program = new Command('mooring')
    .description('Run, configure and look into a Mooring gateway, and take part in its economy.')
    .version(manifest.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => helpWidthColumns,
      getErrHelpWidth: () => helpWidthColumns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  addUpCommand(program, context)
  addInitCommand(program, context)
  addGatewayCommand(program, context)
  addConfigCheckCommand(
    program
      .command('config')
      .summary('check the configuration of a gateway')
      .description('Work with the configuration of a gateway.')
      .helpCommand(false)
      .addHelpText('before', examples('npx mooring config check gateway.yaml')),
    context,
  )
  addChainsCommand(program, context)
  addUpstreamsCommand(program, context)
  addCallCommand(program, context)
  addEconomyCommands(program, context)
  addHelpCommand(program)
  showWayOnAfterErrors(program)
  return program
    .addHelpText('before', examples('npx mooring up', 'npx mooring call eth eth_blockNumber'))
    .addHelpText('after', `\n${exitCodesHelp()}`)
}

/** What signs for, or reads, the contracts. */
function addEconomyCommands(program: Command, context: Context): void {
  addDeployCommand(program, context)
  addEconomyCommand(program, context)
  addProviderCommand(program, context)
  addNodeCommand(program, context)
  addStakeCommands(program, context)
  addUnstakeCommands(program, context)
  addClaimCommand(program, context)
  addRequestCommands(program, context)
  addPositionCommand(program, context)
  addEscrowCommand(program, context)
  addFeesCommand(program, context)
  addSignerCommand(program, context)
  addPostCommand(program, context)
}

/** Libraries name the node they asked, whose address may hold a key. */
function withoutUrls(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, 'https://…')
}
