// Runs the tests and closes with the plain line `N passed, N failed`.
//   npm test                              all of them
//   npm test -- ./packages/chains         those of one folder
//   npm test -- -t 'a revert'             those whose name matches
//   npm test -- --update-timings          all of them, and how long each file took is kept for the next run
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { lineOf, totalsOf } from '../tools/src/suite/totals.ts'

const root = resolve(import.meta.dir, '..')
const roots = ['./packages', './services', './clients', './tools', './test', './bench']
/** How long each file took when it was last measured: the longest begin first, so that none is waited for alone. */
const timingsFile = 'scripts/test-timings.json'
/** Files wait more than they compute, but a timeout of a test must hold beside its neighbours. */
const workersMax = 4
const testTimeoutMs = 30_000
/** A synchronous loop cannot be stopped from within: the whole run ends here. */
const runTimeoutMs = 1_500_000

const given = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'mooring-test-'))
const reportFile = join(folder, 'junit.xml')

// A worker keeps its modules from file to file: a fresh start costs 24 ms a file, and what leaks between files is a
// bug to see.
const run = Bun.spawn(
  [
    process.execPath,
    '--no-orphans',
    '--no-install',
    'test',
    `--parallel=${Math.min(workersMax, availableParallelism())}`,
    '--no-isolate',
    `--timings=${timingsFile}`,
    `--timeout=${testTimeoutMs}`,
    '--reporter=junit',
    `--reporter-outfile=${reportFile}`,
    ...given,
    ...(namesFiles(given) ? [] : roots),
  ],
  {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit'],
    timeout: runTimeoutMs,
    killSignal: 'SIGKILL',
  },
)
const exitCode = await run.exited
if (run.signalCode === 'SIGKILL') {
  process.stderr.write(`mooring: the tests were ended after ${runTimeoutMs / 1_000} s\n`)
}

const report = Bun.file(reportFile)
const totals = totalsOf((await report.exists()) ? await report.text() : undefined, exitCode)
await rm(folder, { recursive: true, force: true })
process.stdout.write(`\n${lineOf(totals)}\n`)
process.exit(totals.failed > 0 ? 1 : 0)

/** Whether the caller chose files; a word after an option such as `-t` belongs to the option. */
function namesFiles(args: readonly string[]): boolean {
  return args.some(
    (arg, index) => !arg.startsWith('-') && !/^(?:-t|--[a-z-]+)$/.test(args[index - 1] ?? ''),
  )
}
