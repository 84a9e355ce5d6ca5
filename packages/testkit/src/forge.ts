import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** One Solidity test, as forge tells of it. */
export type ForgeTest = {
  suite: string
  name: string
  passed: boolean
  reason: string
  /** How often it ran, each time with other arguments or another sequence; 1 for a plain test. */
  runs: number
  /** Calls of handlers in all sequences; 0 for what is no invariant. */
  calls: number
  /** What broke it, as forge tells it. */
  counterexample: unknown
}

export type ForgeRun =
  | { compiled: true; tests: readonly ForgeTest[] }
  | { compiled: false; output: string }

/** Compiling everything takes a minute and a half where nothing is cached. */
const runTimeoutMs = 900_000

/** Path of the forge program for this machine, out of the npm package that carries it. */
export function forgeProgram(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[platform]
  const processor = { x64: 'amd64', arm64: 'arm64' }[architecture]
  if (system === undefined || processor === undefined) {
    throw new Error(`there is no forge for ${platform} on ${architecture}`)
  }
  const name = `@foundry-rs/forge-${system}-${processor}`
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return join(dirname(manifest), 'bin', platform === 'win32' ? 'forge.exe' : 'forge')
}

export type ForgeSettings = {
  /** Added to the environment; forge takes each of its settings from there as well. */
  env?: Readonly<Record<string, string>>
  timeoutMs?: number
}

/** Compiles and runs the Solidity tests of a project. */
export async function runForge(
  root: string,
  args: readonly string[] = [],
  { env = {}, timeoutMs = runTimeoutMs }: ForgeSettings = {},
): Promise<ForgeRun> {
  const run = Bun.spawn([forgeProgram(), 'test', '--json', '--root', root, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const [out, errors] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ])
  const tests = testsIn(out)
  return tests === undefined
    ? { compiled: false, output: `${out}${errors}`.slice(-10_000) }
    : { compiled: true, tests }
}

type Result = {
  status: string
  reason?: string | null
  counterexample?: unknown
  kind?: { Fuzz?: { runs: number }; Invariant?: { runs: number; calls: number } }
}

type Results = Record<string, { test_results: Record<string, Result> }>

/** The results stand in the last line; what comes before are the compiler's messages. */
export function testsIn(output: string): ForgeTest[] | undefined {
  const line = output.trim().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) return undefined
  let results: Results
  try {
    results = JSON.parse(line)
  } catch {
    return undefined
  }
  return Object.entries(results).flatMap(([suite, { test_results: found }]) =>
    Object.entries(found).map(([name, { status, reason, counterexample, kind }]) => ({
      suite,
      name,
      passed: status === 'Success',
      reason: reason ?? status,
      runs: kind?.Invariant?.runs ?? kind?.Fuzz?.runs ?? 1,
      calls: kind?.Invariant?.calls ?? 0,
      counterexample: counterexample ?? undefined,
    })),
  )
}
