#!/usr/bin/env node
// Finds the Bun that npm installed and hands over to it. Plain Node 20 without a dependency, because it
// is what runs on a machine where nothing else is there yet.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How often the launcher looks whether whoever started it is still there. */
const watchIntervalMs = 1_000
/** How long the child may take to end once nobody is left to end it; a gateway finishes its requests. */
const endTimeoutMs = 30_000
/** Bun is a hundred times larger; what takes its place until its install script has run is a few lines. */
const stubBytesMax = 100_000

const here = dirname(realpathSync(fileURLToPath(import.meta.url)))
const bun = findBun(here)
if (bun === undefined) {
  process.stderr.write(
    `mooring: Bun is not installed yet: run \`npm install\` in ${join(here, '../../..')}\n`,
  )
  process.exit(1)
}
if (isStub(bun) && !repair(bun)) {
  process.stderr.write(
    `mooring: Bun is not installed in full, since install scripts are switched off: run \`node ${join(here, '../../../scripts/ensure.mjs')}\`\n`,
  )
  process.exit(1)
}

const main = join(here, '../src/main.ts')
const child = spawn(bun, ['--no-install', '--no-orphans', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
})

// A terminal sends its signals to the child as well; the child takes repeats within a moment as one.
let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal))

// npx keeps a shell between itself and us that passes no signal on, so all we see of its end is that it
// is gone. What no package runner started is left alone: with nohup it outlives the shell it was typed into.
if (process.env.npm_config_user_agent !== undefined) watch(starter())

child.on('error', (error) => {
  process.stderr.write(`mooring: cannot run ${bun}: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0))
})

function end(signal) {
  isEnding = true
  child.kill(signal)
}

/** Ends the child once the processes that started us are others than before. */
function watch(before) {
  setTimeout(() => {
    const now = starter()
    const isShellAlone = now.above && before.above && now.above !== before.above
    if (now.parent === before.parent && !isShellAlone) return watch(before)
    // A second request to end would cut the first one short.
    if (!isEnding) end('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), endTimeoutMs).unref()
  }, watchIntervalMs).unref()
}

/** Our parent; where that is a shell for this one command, as npx makes, also who started the shell. */
function starter() {
  const parent = process.ppid
  try {
    const words = readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0')
    const [, above] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${parent}/status`, 'utf8')) ?? []
    return { parent, above: words[1] === '-c' ? above : undefined }
  } catch {
    // No /proc on this system: the parent has to do.
    return { parent, above: undefined }
  }
}

/** Looks in the `node_modules` of every folder above, as Node itself does. */
function findBun(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules/.bin/bun')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

/** A machine that skips install scripts leaves a stub of Bun that only says so. */
function isStub(file) {
  return (
    statSync(file).size < stubBytesMax && readFileSync(file, 'utf8').includes('postinstall script')
  )
}

/** Runs Bun's own install script, as the first start of a clone does. */
function repair(file) {
  const script = join(dirname(realpathSync(file)), '../install.js')
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] })
  return status === 0 && !isStub(file)
}
