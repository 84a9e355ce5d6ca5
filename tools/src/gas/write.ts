// Measures what transactions cost and writes it down; from then on the tests in `contracts/test/gas` hold to it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { forgeProgram } from '@mooring/testkit/forge'
import { plant, testsIn } from '../long-run/planted.ts'
import { figuresIn } from './figures.ts'

const root = resolve(import.meta.dir, '../../..')
const file = 'contracts/test/gas/gas.json'
const tree = await mkdtemp(join(tmpdir(), 'mooring-gas-'))
try {
  const tests = testsIn(root).filter((path) => path.startsWith('contracts/test/gas/'))
  await plant(root, tree, tests)
  const run = Bun.spawn([forgeProgram(), 'test', '-vv', '--root', tree], {
    cwd: tree,
    env: { ...process.env, MOORING_GAS_RECORD: 'true' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = await new Response(run.stdout).text()
  if ((await run.exited) !== 0) throw new Error(output)
  const figures = figuresIn(output)
  await Bun.write(join(root, file), `${JSON.stringify(figures, undefined, 2)}\n`)
  process.stdout.write(`${Object.keys(figures).length} figures written to ${file}\n`)
} finally {
  await rm(tree, { recursive: true, force: true })
}
