import { expect, test } from 'bun:test'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openFolder } from '../src/context.fixtures.ts'
import { findRepository } from '../src/repository.ts'

const launcher = join(import.meta.dirname, 'mooring.mjs')
const clone = findRepository(import.meta.dirname)

/** A clone with the real command, whose local network is the given program. */
function cloneWithNetwork(folder: string, network: string): string {
  if (clone === undefined) throw new Error('the tests run inside a clone')
  writeFileSync(join(folder, 'package.json'), '{"name":"mooring","workspaces":[]}')
  symlinkSync(join(clone, 'node_modules'), join(folder, 'node_modules'))
  for (const part of ['bin', 'src', 'package.json']) {
    cpSync(join(clone, 'clients/cli', part), join(folder, 'clients/cli', part), { recursive: true })
  }
  const main = join(folder, 'packages/testkit/src/local-network/main.ts')
  mkdirSync(dirname(main), { recursive: true })
  writeFileSync(main, network)
  return join(folder, 'clients/cli/bin/mooring.mjs')
}

function launch(command: string, ...args: string[]) {
  return Bun.spawn(['node', command, ...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
}

test('under plain Node it finds Bun and runs the command', async () => {
  const child = launch(launcher, 'chains', 'eth', '--json')
  expect(JSON.parse(await child.stdout.text())).toMatchObject({ name: 'eth', chainId: 1 })
  expect(await child.exited).toBe(0)
})

test('exit codes pass through', async () => {
  const child = launch(launcher, 'chains', 'nonsense')
  expect(await child.stderr.text()).toContain('No chain is called "nonsense"')
  expect(await child.exited).toBe(2)
})

test('without Bun it says what to run', async () => {
  using folder = openFolder()
  const copy = join(folder.path, 'clients/cli/bin/mooring.mjs')
  cpSync(launcher, copy)
  const child = launch(copy, 'chains')
  expect(await child.stderr.text()).toContain(`run \`npm install\` in ${folder.path}`)
  expect(await child.exited).toBe(1)
})

/** A clone in which install scripts were skipped: in Bun's place stands a stub. */
function cloneWithStub(folder: string, installScript: string): string {
  const packageFolder = join(folder, 'node_modules/bun')
  mkdirSync(join(packageFolder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'node_modules/.bin'))
  const stub = 'echo "Error: Bun\'s postinstall script was not run." >&2\nexit 1\n'
  writeFileSync(join(packageFolder, 'bin/bun.exe'), stub, { mode: 0o755 })
  symlinkSync('../bun/bin/bun.exe', join(folder, 'node_modules/.bin/bun'))
  writeFileSync(join(packageFolder, 'install.js'), installScript)
  const command = join(folder, 'clients/cli/bin/mooring.mjs')
  cpSync(launcher, command)
  return command
}

test('a stub in place of Bun is mended by its own install script', async () => {
  using folder = openFolder()
  const bun = '#!/bin/sh\necho mended "$4"\n'
  const script = `require('node:fs').writeFileSync(__dirname + '/bin/bun.exe', ${JSON.stringify(bun)})`
  const child = launch(cloneWithStub(folder.path, script), 'chains')
  expect(await child.stdout.text()).toBe('mended chains\n')
  expect(await child.exited).toBe(0)
})

test('a stub that cannot be mended is told with what to run', async () => {
  using folder = openFolder()
  const child = launch(cloneWithStub(folder.path, 'process.exit(1)'), 'chains')
  expect(await child.stderr.text()).toContain(
    `run \`node ${join(folder.path, 'scripts/ensure.mjs')}\``,
  )
  expect(await child.exited).toBe(1)
})

test('one Ctrl-C reaches the local network once, and its exit code comes back', async () => {
  using folder = openFolder()
  const command = cloneWithNetwork(
    folder.path,
    `let interrupts = 0
     process.on('SIGINT', () => {
       interrupts++
       setTimeout(() => { console.log('interrupts', interrupts); process.exit(7) }, 150)
     })
     console.log('ready', process.cwd(), process.argv.slice(2).join(' '))
     setTimeout(() => process.exit(9), 20_000)`,
  )
  const child = launch(command, 'up', '--gateway-port', '9545', '--json')
  const reader = child.stdout.getReader()
  const decoder = new TextDecoder()
  const first = await reader.read()
  expect(decoder.decode(first.value)).toBe(`ready ${folder.path} --gateway-port 9545 --json\n`)
  // npm passes the terminal's signal on as well, so the launcher sees it twice.
  child.kill('SIGINT')
  child.kill('SIGINT')
  const rest = await reader.read()
  expect(decoder.decode(rest.value)).toBe('interrupts 1\n')
  expect(await child.exited).toBe(7)
})

test('a local network that is killed is told as such', async () => {
  using folder = openFolder()
  const command = cloneWithNetwork(folder.path, `process.kill(process.pid, 'SIGKILL')`)
  const child = launch(command, 'up')
  expect(await child.stderr.text()).toContain('the local network was ended by SIGKILL')
  expect(await child.exited).toBe(137)
})

test('a terminal that is closed ends what ran in it, though to a gateway SIGHUP itself means reload', async () => {
  using folder = openFolder()
  const command = cloneWithNetwork(
    folder.path,
    `for (const signal of ['SIGTERM', 'SIGHUP']) {
       process.on(signal, () => { console.log(signal); process.exit(0) })
     }
     console.log('ready')
     setTimeout(() => process.exit(9), 20_000)`,
  )
  const child = launch(command, 'up')
  const reader = child.stdout.getReader()
  const decoder = new TextDecoder()
  expect(decoder.decode((await reader.read()).value)).toBe('ready\n')
  child.kill('SIGHUP')
  expect(decoder.decode((await reader.read()).value)).toBe('SIGTERM\n')
  expect(await child.exited).toBe(0)
})

const stub = `process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(0) })
   console.log('ready', process.pid)
   setTimeout(() => process.exit(9), 20_000)`

/** Starts the network the way npx does, with a shell in between, and waits until it runs. */
async function startUnderShell(folder: string, env: Record<string, string | undefined>) {
  const line = `node '${cloneWithNetwork(folder, stub)}' up; true`
  const npx = `require('node:child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' })
    .on('spawn', function () { console.error(this.pid) })`
  const child = Bun.spawn(['node', '-e', npx, line], {
    env: { ...process.env, npm_config_user_agent: undefined, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const output = child.stdout.getReader()
  const next = async () => new TextDecoder().decode((await output.read()).value)
  const shellPid = Number(new TextDecoder().decode((await child.stderr.getReader().read()).value))
  const pid = Number((await next()).split(' ')[1])
  return { npxPid: child.pid, shellPid, pid, next }
}

test('what npx started ends when npx or its shell is killed, and only that', async () => {
  using first = openFolder()
  using second = openFolder()
  using third = openFolder()
  const env = { npm_config_user_agent: 'npm/11.0.0' }
  const [withoutNpx, withoutShell, own] = await Promise.all([
    startUnderShell(first.path, env),
    startUnderShell(second.path, env),
    startUnderShell(third.path, {}),
  ])
  for (const pid of [withoutNpx.npxPid, withoutShell.shellPid, own.npxPid, own.shellPid]) {
    process.kill(pid, 'SIGKILL')
  }
  expect(await Promise.all([withoutNpx.next(), withoutShell.next()])).toEqual([
    'SIGTERM\n',
    'SIGTERM\n',
  ])
  // Nobody holds the pipe any more: everything below has ended.
  expect(await Promise.all([withoutNpx.next(), withoutShell.next()])).toEqual(['', ''])
  process.kill(own.pid, 'SIGTERM')
  expect(await own.next()).toBe('SIGTERM\n')
})
