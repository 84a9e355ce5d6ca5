// Proves deeper than `npm test` has time for: more calls, more runs, longer sequences. What is done is kept, so that
// it can be done in parts.
import { rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fingerprintOf } from '../long-run/fingerprint.ts'
import { testsIn } from '../long-run/planted.ts'
import { loadKept, saveKept } from '../long-run/state.ts'
import { workThrough } from '../long-run/workers.ts'
import { type Outcome, reportOf, sumsOf } from './outcome.ts'
import { parts, planOf, wholeDepth } from './plan.ts'
import { createPlanter } from './planter.ts'
import { runSlice } from './run-slice.ts'

const usage = `npm run test:deep                          all parts, or what is left of them
npm run test:deep -- --part economy,fuzz   some of: ${parts.join(', ')}
npm run test:deep -- --minutes 8           begins nothing new after that time; run again to go on
npm run test:deep -- --calls 50000         fewer calls in the invariant of the economy
npm run test:deep -- --fuzz-runs 1000      fewer runs of each fuzz test
npm run test:deep -- --seed 2              other chance
npm run test:deep -- --workers 1           processes at a time
npm run test:deep -- --fresh               forgets what was done`

const root = resolve(import.meta.dir, '../../..')
const stateFile = join(root, '.mooring/test-deep/done.json')
const provenPaths = [
  'contracts/src',
  'contracts/test',
  'packages/market/src/economy',
  'foundry.toml',
]

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        part: { type: 'string', default: parts.join(',') },
        minutes: { type: 'string', default: '600' },
        calls: { type: 'string', default: `${wholeDepth.calls}` },
        'fuzz-runs': { type: 'string', default: `${wholeDepth.fuzzRuns}` },
        seed: { type: 'string', default: `${wholeDepth.seed}` },
        workers: { type: 'string', default: `${availableParallelism()}` },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const chosen = values.part.split(',')
    const unknown = chosen.find((name) => !parts.some((part) => part === name))
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}`)
    const depth = {
      seed: numberIn('seed', values.seed),
      calls: numberIn('calls', values.calls),
      fuzzRuns: numberIn('fuzz-runs', values['fuzz-runs']),
    }
    const minutes = numberIn('minutes', values.minutes)
    const workers = numberIn('workers', values.workers)
    return { ...values, chosen: new Set(chosen), depth, minutes, workers }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

function numberIn(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number above 0`)
  return value
}

const given = readArguments()
if (given.help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
if (given.fresh) await rm(stateFile, { force: true })

const fingerprint = await fingerprintOf(root, provenPaths)
const kept = await loadKept<Outcome>(stateFile, fingerprint)
const plan = planOf(given.depth, testsIn(root)).filter(({ part }) => given.chosen.has(part))
const startedMs = performance.now()
const minutesGone = () => (performance.now() - startedMs) / 60_000
const left = plan.filter(({ id }) => kept.done[id] === undefined)
process.stdout.write(`${plan.length - left.length} of ${plan.length} slices were done before\n`)

const trees = join(tmpdir(), `mooring-test-deep-${fingerprint}`)
const planter = createPlanter(root, trees)

const bounds = { workers: given.workers, isOver: () => minutesGone() >= given.minutes }
await workThrough(left, bounds, async (slice) => {
  if (slice.tool === 'forge') await planter.ready(slice)
  const outcome = await runSlice(root, trees, slice)
  kept.done[slice.id] = outcome
  saveKept(stateFile, kept)
  const verdict = outcome.findings.length === 0 ? 'ok' : `${outcome.findings.length} FOUND`
  const counted = outcome.calls > 0 ? `${outcome.calls} calls` : `${outcome.runs} runs`
  process.stdout.write(
    `${minutesGone().toFixed(1).padStart(6)} min  ${slice.id} … ${verdict} (${counted}, ${outcome.seconds.toFixed(1)} s)\n`,
  )
})

const findings = plan.flatMap(({ id }) =>
  (kept.done[id]?.findings ?? []).map((found) => `${id}\n    ${found}`),
)
const undone = plan.filter(({ id }) => kept.done[id] === undefined).length
process.stdout.write(`\n${reportOf(sumsOf(plan, kept.done))}\n\n`)
for (const found of findings) process.stdout.write(`FOUND in ${found}\n\n`)
if (undone === 0) await rm(trees, { recursive: true, force: true })
else process.stdout.write(`${undone} slices are left; run it again to go on\n`)
process.stdout.write(`${minutesGone().toFixed(1)} minutes, ${findings.length} findings\n`)
process.exit(findings.length > 0 ? 1 : 0)
