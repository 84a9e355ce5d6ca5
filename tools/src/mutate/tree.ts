import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { forgeProgram } from '@mooring/testkit/forge'
import { plant } from '../long-run/planted.ts'
import { type Bytecode, nameOf } from './solc.ts'

/** A copy of the contracts with some of their tests, compiled once, whose artifacts are exchanged. */
export type Tree = {
  root: string
  /** What a run of its tests takes when nothing is wrong. */
  usualMs: number
}

export type Verdict = 'passed' | 'failed' | 'too long'

const compileTimeoutMs = 900_000
/** A change can make a loop endless, and the tests' gas lasts for hours. */
const patience = 8
const leastMs = 60_000

/** Short on purpose: what needs thousands of tries to be seen is for the deep run. */
const shortRuns = {
  FOUNDRY_FUZZ_RUNS: '64',
  FOUNDRY_INVARIANT_RUNS: '8',
  FOUNDRY_INVARIANT_DEPTH: '100',
}

/** @param tests - The test files that stay; fixtures all do. */
export async function plantTree(
  source: string,
  root: string,
  tests: readonly string[],
): Promise<Tree> {
  await plant(source, root, tests)
  const first = await runTests({ root, usualMs: compileTimeoutMs / patience })
  if (first.verdict !== 'passed') throw new Error(`tests fail without a change:\n${first.output}`)
  const startedMs = performance.now()
  await runTests({ root, usualMs: compileTimeoutMs / patience })
  return { root, usualMs: performance.now() - startedMs }
}

export async function copyTree(tree: Tree, root: string): Promise<Tree> {
  await rm(root, { recursive: true, force: true })
  await cp(tree.root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  return { ...tree, root }
}

export async function runTests({
  root,
  usualMs,
}: Tree): Promise<{ verdict: Verdict; output: string }> {
  const run = Bun.spawn([forgeProgram(), 'test', '--fail-fast', '--threads', '1', '--root', root], {
    cwd: root,
    env: { ...process.env, ...shortRuns },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: Math.ceil(Math.max(leastMs, usualMs * patience)),
    killSignal: 'SIGKILL',
  })
  const [out, errors, exitCode] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ])
  const output = `${out}${errors}`.slice(-4_000)
  if (run.signalCode === 'SIGKILL') return { verdict: 'too long', output }
  // With --fail-fast the exit code says nothing.
  if (/^\[FAIL/m.test(out)) return { verdict: 'failed', output }
  if (exitCode !== 0 || !/tests? passed, 0 failed/.test(out)) {
    throw new Error(`forge ended with ${exitCode}:\n${output}`)
  }
  return { verdict: 'passed', output }
}

type Artifact = Record<'bytecode' | 'deployedBytecode', { object: string }>

/** What forge built for a contract. */
export async function bytecodeIn(root: string, contract: string): Promise<Bytecode> {
  const artifact: Artifact = await Bun.file(artifactPath(root, contract)).json()
  return {
    creation: artifact.bytecode.object.slice(2),
    runtime: artifact.deployedBytecode.object.slice(2),
  }
}

/** Tests deploy what stands in the artifact, so exchanging it spares them from being compiled again. */
export async function exchange(root: string, contract: string, code: Bytecode): Promise<void> {
  const path = artifactPath(root, contract)
  const artifact: Artifact = await Bun.file(path).json()
  artifact.bytecode.object = `0x${code.creation}`
  artifact.deployedBytecode.object = `0x${code.runtime}`
  await Bun.write(path, JSON.stringify(artifact))
}

export function artifactPath(root: string, contract: string): string {
  const name = nameOf(contract)
  return join(root, 'contracts/out', `${name}.sol`, `${name}.json`)
}
