#!/usr/bin/env node
// Finds the Bun that npm installed and hands over to it. Plain Node 20 without a dependency, because it
// is what runs on a machine where nothing else is there yet.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(realpathSync(fileURLToPath(import.meta.url)))
const bun = findBun(here)
if (bun === undefined) {
  process.stderr.write(
    `mooring: Bun is not installed yet: run \`npm install\` in ${join(here, '../../..')}\n`,
  )
  process.exit(1)
}

const main = join(here, '../src/main.ts')
const child = spawn(bun, ['--no-install', '--no-orphans', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
})

// A terminal sends its signals to the child as well; the child takes repeats within a moment as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

child.on('error', (error) => {
  process.stderr.write(`mooring: cannot run ${bun}: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0))
})

/** Looks in the `node_modules` of every folder above, as Node itself does. */
function findBun(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules/.bin/bun')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}
