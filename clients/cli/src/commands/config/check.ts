import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { isRecord, parseJson } from '../../http.ts'
import { captureProgram } from '../../program-run.ts'
import { programOf } from '../../repository.ts'
import { writeJson } from '../../terminal/json.ts'

/** What the gateway prints under `--check`. */
type CheckReport = {
  ok: boolean
  problems: { path: string; line: number | null; message: string }[]
  chains: { chain: string; upstreams: number }[]
}

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
  const report = await readReport(context, file)
  if (options.json) writeJson(context, report)
  else context.stdout.write(formatReport(file, report))
  if (!report.ok) throw new CommandError('badInput', '')
}

async function readReport(context: Context, file: string): Promise<CheckReport> {
  const program = programOf(context, 'services/gateway/src/main.ts', 'config check')
  const { code, stdout } = await captureProgram(context, {
    file: program,
    args: ['--check', '--config', file],
    cwd: context.cwd,
  })
  const report = parseJson(stdout)
  if (isRecord(report) && Array.isArray(report.problems) && Array.isArray(report.chains)) {
    // The gateway of the same clone wrote it; the rest of its shape is its promise.
    return report as CheckReport
  }
  throw new CommandError('unexpected', `The gateway could not check ${file} (exit code ${code}).`)
}

function formatReport(file: string, report: CheckReport): string {
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
