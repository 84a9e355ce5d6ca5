import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../help.ts'
import { runProgram } from '../program-run.ts'
import { programOf } from '../repository.ts'

export function addGatewayCommand(program: Command, context: Context): void {
  program
    .command('gateway')
    .summary('run a gateway over your own upstreams')
    .description(
      'Run a gateway in the foreground. Its log goes to stderr as JSON lines. Ends with the exit ' +
        'code of the gateway.',
    )
    .requiredOption('--config <file>', 'its configuration, as `npx mooring init` writes one')
    .addHelpText('before', examples('npx mooring gateway --config gateway.yaml'))
    .action(async ({ config }: { config: string }) => {
      const file = programOf(context, 'services/gateway/src/main.ts', 'gateway')
      await runProgram(context, { file, args: ['--config', config], cwd: context.cwd })
    })
}
