import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../help.ts'
import { parsePort } from '../options.ts'
import { runProgram } from '../program-run.ts'
import { programOf } from '../repository.ts'

type UpOptions = { gatewayPort?: number; adminPort?: number; json?: true }

export function addUpCommand(program: Command, context: Context): void {
  program
    .command('up')
    .summary('start the local network: chains, providers and a gateway')
    .description(
      'Start the local network: two chains, three providers with three nodes each, a gateway before ' +
        'them, the contracts of the economy, three verifiers and an accounts service. One Ctrl-C stops everything. Ends with the exit code of the network.',
    )
    .option('--gateway-port <port>', 'where consumers connect (default: 8545)', parsePort)
    .option('--admin-port <port>', "the gateway's admin port (default: 8546)", parsePort)
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('before', examples('npx mooring up', 'npx mooring up --gateway-port 9545 --json'))
    .action((options: UpOptions) => up(context, options))
}

async function up(context: Context, options: UpOptions): Promise<void> {
  const file = programOf(context, 'packages/testkit/src/local-network/main.ts', 'up')
  const { gatewayPort, adminPort, json } = options
  const args = [
    ...(gatewayPort === undefined ? [] : ['--gateway-port', String(gatewayPort)]),
    ...(adminPort === undefined ? [] : ['--admin-port', String(adminPort)]),
    ...(json ? ['--json'] : []),
  ]
  // The network's files belong to the clone, wherever the command was typed.
  const cwd = context.repository ?? context.cwd
  await runProgram(context, { name: 'the local network', file, args, cwd })
}
