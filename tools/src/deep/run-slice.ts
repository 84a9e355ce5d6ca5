import { join } from 'node:path'
import { runForge } from '@mooring/testkit/forge'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { Slice } from './plan.ts'

const sliceTimeoutMs = 1_800_000
const modelSuite = './packages/market/src/economy/sequence'

/** @param trees - Where the copies of the contracts are. */
export async function runSlice(root: string, trees: string, slice: Slice): Promise<Outcome> {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1_000
  if (slice.tool === 'bun') {
    const output = await failureOfModel(root, slice.env)
    const { MOORING_ECONOMY_SEQUENCES: count, MOORING_ECONOMY_LENGTH: length } = slice.env
    const runs = Number(count)
    const findings = output === undefined ? [] : [output]
    return { runs, calls: runs * Number(length), seconds: seconds(), findings }
  }
  // One thread each: as many slices run at a time as there are processors.
  const args = ['--threads', '1', '--fuzz-seed', slice.seed]
  const run = await runForge(join(trees, slice.tree), args, {
    env: { ...failuresOf(slice), ...slice.env },
    timeoutMs: sliceTimeoutMs,
  })
  if (run.compiled) return outcomeOf(run.tests, seconds())
  return { runs: 0, calls: 0, seconds: seconds(), findings: [run.output] }
}

/** Forge tries again what broke last time; each slice by itself, or one finding would hide all that come after. */
function failuresOf({ id }: Slice): Record<string, string> {
  const folder = `failures/${Bun.hash(id)}`
  return {
    FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR: folder,
    FOUNDRY_FUZZ_FAILURE_PERSIST_DIR: folder,
  }
}

/** The end of what a failing run says; undefined when all is well. */
async function failureOfModel(
  root: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const run = Bun.spawn(
    [process.execPath, '--no-install', 'test', `--timeout=${sliceTimeoutMs}`, modelSuite],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: sliceTimeoutMs,
      killSignal: 'SIGKILL',
    },
  )
  const [out, errors, exitCode] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ])
  return exitCode === 0 ? undefined : `${out}${errors}`.slice(-3_000)
}
