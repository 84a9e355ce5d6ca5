import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord, parseJson } from '../http.ts'
import { captureProgram } from '../program-run.ts'
import { programOf } from '../repository.ts'

/** What the gateway prints under `--check`. */
export type ConfigReport = {
  ok: boolean
  problems: { path: string; line: number | null; message: string }[]
  chains: { chain: string; upstreams: number }[]
  /** What it would listen on; missing where the file has a problem. */
  ports?: { setting: string; host: string; port: number }[]
}

/** Has the gateway of the clone look at a configuration, without starting it. */
export async function readConfigReport(context: Context, file: string): Promise<ConfigReport> {
  const program = programOf(context, 'services/gateway/src/main.ts', 'config check')
  const { code, stdout } = await captureProgram(context, {
    file: program,
    args: ['--check', '--config', file],
    cwd: context.cwd,
  })
  const report = parseJson(stdout)
  if (isRecord(report) && Array.isArray(report.problems) && Array.isArray(report.chains)) {
    // The gateway of the same clone wrote it; the rest of its shape is its promise.
    return report as ConfigReport
  }
  throw new CommandError('unexpected', `The gateway could not check ${file} (exit code ${code}).`)
}
