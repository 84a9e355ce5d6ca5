import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { addCallCommand } from './commands/call.ts'
import { addChainsCommand } from './commands/chains.ts'
import { addConfigCheckCommand } from './commands/config/check.ts'
import { addGatewayCommand } from './commands/gateway.ts'
import { addHelpCommand } from './commands/help.ts'
import { addInitCommand } from './commands/init.ts'
import { addUpCommand } from './commands/up.ts'
import { addUpstreamsCommand } from './commands/upstreams.ts'
import type { Context } from './context.ts'
import { exitCodes, exitCodesHelp } from './exit-codes.ts'
import { failureOf, wantsJson, watchAnswer } from './failure.ts'
import { examples, showWayOnAfterErrors } from './help.ts'
import { writeJson } from './terminal/json.ts'

const helpWidthColumns = 100

/** Runs one command line. Never throws. @returns The exit code. */
export async function runMooring(context: Context, args: readonly string[]): Promise<number> {
  const answer = watchAnswer(context)
  try {
    const program = await createProgram(answer.context, args)
    await program.parseAsync([...args], { from: 'user' })
    return exitCodes.ok.code
  } catch (error) {
    const { exitCode, said, reason } = await failureOf(error)
    if (said !== '') context.stderr.write(`${said}\n`)
    if (reason !== '' && !answer.hasBegun() && wantsJson(args)) {
      writeJson(context, { error: reason })
    }
    return exitCode
  }
}

/**
 * The command line. Commands of the economy bring the libraries of a chain with them, which take longer to load than
 * everything else, so they are left out where another command was called.
 *
 * @param args - What was typed; undefined for every command there is.
 */
export async function createProgram(context: Context, args?: readonly string[]): Promise<Command> {
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
  const isCalled = (command: Command) => command.name() === args?.[0]
  if (!program.commands.some(isCalled)) {
    const { addEconomyCommands } = await import('./commands/economy-commands.ts')
    addEconomyCommands(program, context, runMooring)
  }
  addHelpCommand(program)
  showWayOnAfterErrors(program)
  return program
    .addHelpText('before', examples('npx mooring up', 'npx mooring call eth eth_blockNumber'))
    .addHelpText('after', `\n${exitCodesHelp()}`)
}
