// Checks what no test run sees: format, lint, types, and the rules of the repository. Reports every check.
import { resolve } from 'node:path'

const root = resolve(import.meta.dir, '..')
const checkTimeoutMs = 120_000
const bun = [process.execPath, '--no-install']

const checks: { name: string; command: string[] }[] = [
  { name: 'format and lint', command: ['node_modules/.bin/biome', 'check', '.'] },
  { name: 'contracts format', command: ['node_modules/.bin/forge', 'fmt', '--check'] },
  { name: 'types', command: ['node_modules/.bin/tsc'] },
  { name: 'floors', command: [...bun, 'test', './test/floors.test.ts'] },
  { name: 'tidy', command: [...bun, 'test', './test/tidy.test.ts'] },
  { name: 'reference', command: [...bun, 'test', './test/reference.test.ts'] },
]

let failed = 0
for (const { name, command } of checks) {
  const startedMs = performance.now()
  const run = Bun.spawn(command, {
    cwd: root,
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: checkTimeoutMs,
  })
  const [exitCode, out, errors] = await Promise.all([
    run.exited,
    text(run.stdout),
    text(run.stderr),
  ])
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  process.stdout.write(`${name} … ${exitCode === 0 ? 'ok' : 'failed'} (${seconds} s)\n`)
  if (exitCode === 0) continue
  failed++
  process.stdout.write(`${out}${errors}\n`)
}
process.exit(failed > 0 ? 1 : 0)

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text()
}
