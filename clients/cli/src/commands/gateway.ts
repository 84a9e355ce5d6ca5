import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'
import { examples } from '../help.ts'
import { networkHolding } from '../locations.ts'
import { runProgram } from '../program-run.ts'
import { programOf } from '../repository.ts'
import { readConfigReport } from '../setup/config-report.ts'

export function addGatewayCommand(program: Command, context: Context): void {
  program
    .command('gateway')
    .summary('run a gateway over your own upstreams')
    .description(
      'Run a gateway in the foreground. Its log goes to stderr as JSON lines. Ends with the exit ' +
        'code of the gateway.',
    )
    .usage('--config <file>')
    .requiredOption('--config <file>', 'its configuration, as `npx mooring init` writes one')
    .addHelpText('before', examples('npx mooring gateway --config gateway.yaml'))
    .action(({ config }: { config: string }) => run(context, config))
}

async function run(context: Context, config: string): Promise<void> {
  const file = programOf(context, 'services/gateway/src/main.ts', 'gateway')
  try {
    const args = ['--config', config]
    await runProgram(context, { name: 'the gateway', file, args, cwd: context.cwd })
  } catch (error) {
    const isRefused = error instanceof CommandError && error.exitCode === exitCodes.badInput.code
    if (isRefused) throw new CommandError('badInput', await wayOn(context, config))
    throw error
  }
}

/** The gateway has said what is wrong. Whether the local network is in its way, only the command can tell. */
async function wayOn(context: Context, config: string): Promise<string> {
  const { ports = [] } = await readConfigReport(context, config)
  const taken = ports.map(({ port }) => port)
  return networkHolding(context, taken) ?? ''
}
