import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { type ConfigReport, readConfigReport } from '../../setup/config-report.ts'
import { writeJson } from '../../terminal/json.ts'

export function addConfigCheckCommand(config: Command, context: Context): void {
  config
    .command('check')
    .summary('check a configuration without starting the gateway')
    .description(
      'Check the configuration of a gateway without starting it. Reports every problem at once.',
    )
    .argument('<file>', 'the configuration')
    .option('--json', 'print the report as one JSON object')
    .addHelpText(
      'before',
      examples(
        'npx mooring config check gateway.yaml',
        'npx mooring config check gateway.yaml --json',
      ),
    )
    .action((file: string, options: { json?: true }) => check(context, file, options))
}

async function check(context: Context, file: string, options: { json?: true }): Promise<void> {
  const report = await readConfigReport(context, file)
  if (options.json) writeJson(context, report)
  else context.stdout.write(formatReport(file, report))
  if (!report.ok) throw new CommandError('badInput', '')
}

function formatReport(file: string, report: ConfigReport): string {
  if (report.ok) {
    const chains = report.chains.map(({ chain, upstreams }) => `${chain} (${upstreams})`)
    return `${file} is valid. Upstreams by chain: ${chains.join(', ')}\n`
  }
  return report.problems
    .map(({ path, line, message }) => {
      const place = line === null ? file : `${file}:${line}`
      return `${[place, path].filter((part) => part !== '').join(' ')}: ${message}\n`
    })
    .join('')
}
