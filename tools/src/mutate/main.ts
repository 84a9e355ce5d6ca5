// Changes one thing in the contracts at a time and asks the tests whether they see it. What is done is kept, so that
// it can be done in parts.
import { rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fingerprintOf } from '../long-run/fingerprint.ts'
import { loadKept, saveKept } from '../long-run/state.ts'
import { workThrough } from '../long-run/workers.ts'
import { readTrackedFiles } from '../source/tracked-files.ts'
import { explained } from './explained.ts'
import { createForest } from './forest.ts'
import { idOf, mutantsOf } from './mutants.ts'
import { fairOrder, lineOf, survivorsOf, type Trial, tableOf, tallyOf } from './report.ts'

const usage = `npm run mutate                       every change, or what is left of them, for at most 90 minutes
npm run mutate -- --only RateFeed    in files whose path has this in it
npm run mutate -- --minutes 8        begins nothing new after that time; run again to go on
npm run mutate -- --workers 1        trees at a time
npm run mutate -- --list             only says what would be changed
npm run mutate -- --fresh            forgets what was done`

const root = resolve(import.meta.dir, '../../..')
const stateFile = join(root, '.mooring/mutate/trials.json')
const survivorsFile = join(root, '.mooring/mutate/survivors.json')
const judgedPaths = ['contracts/src', 'contracts/test', 'foundry.toml']

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: '' },
        minutes: { type: 'string', default: '90' },
        workers: { type: 'string', default: `${availableParallelism()}` },
        list: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [minutes, workers] = [Number(values.minutes), Number(values.workers)]
    if (!(minutes > 0 && workers >= 1))
      throw new Error('--minutes and --workers take numbers above 0')
    return { ...values, minutes, workers }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

const given = readArguments()
if (given.help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}

const files = (await readTrackedFiles(root)).filter(({ path }) => /^contracts\/.*\.sol$/.test(path))
const sources = new Map(files.map(({ path, text }) => [path, text]))
const mutants = fairOrder(
  files
    .filter(({ path }) => path.startsWith('contracts/src/') && path.includes(given.only))
    .flatMap(({ path, text }) => mutantsOf(path, text)),
)
if (given.list) {
  process.stdout.write(`${mutants.map(lineOf).join('\n')}\n${mutants.length} mutants\n`)
  process.exit(0)
}

const fingerprint = await fingerprintOf(root, judgedPaths)
const folder = join(tmpdir(), `mooring-mutate-${fingerprint}`)
if (given.fresh) await rm(stateFile, { force: true })
const kept = await loadKept<Trial>(stateFile, fingerprint)
const left = mutants.filter((mutant) => kept.done[idOf(mutant)] === undefined)
const startedMs = performance.now()
const minutesGone = () => (performance.now() - startedMs) / 60_000
process.stdout.write(`${mutants.length} mutants, ${mutants.length - left.length} tried before\n`)

let tried = 0
try {
  const forest = createForest(root, folder, sources)
  const bounds = { workers: given.workers, isOver: () => minutesGone() >= given.minutes }
  await workThrough(left, bounds, async (mutant, worker) => {
    const trial = await forest.tryMutant(mutant, worker)
    kept.done[idOf(mutant)] = trial
    saveKept(stateFile, kept)
    tried++
    process.stdout.write(
      `${minutesGone().toFixed(1).padStart(6)} min  ${tried} of ${left.length}  ${trial.fate} by ${trial.by} (${trial.seconds} s)  ${mutant.file}:${mutant.line} ${mutant.operator}\n`,
    )
  })
} finally {
  await rm(folder, { recursive: true, force: true })
}

const survivors = survivorsOf(mutants, kept.done, explained)
await Bun.write(
  survivorsFile,
  JSON.stringify(
    survivors.map(({ edit, ...mutant }) => mutant),
    undefined,
    2,
  ),
)
process.stdout.write(`\n${tableOf(tallyOf(mutants, kept.done, explained))}\n\n`)
for (const survivor of survivors) process.stdout.write(`${lineOf(survivor)}\n`)
const untried = left.length - tried
if (untried > 0) {
  process.stdout.write(
    `\n${untried} are left: what was tried is a sample of every operator alike, drawn by a number of the text. Run it again to go on.\n`,
  )
}
const rate = tried / Math.max(minutesGone(), 1 / 60)
process.stdout.write(
  `\n${minutesGone().toFixed(1)} minutes, ${rate.toFixed(1)} mutants a minute, ${survivors.length} survivors without an explanation\n`,
)
process.exit(survivors.length > 0 ? 1 : 0)
