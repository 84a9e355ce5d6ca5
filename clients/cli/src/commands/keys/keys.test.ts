import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder, runCommand } from '../../context.fixtures.ts'

const world = (home: string) => ({
  cwd: home,
  env: { MOORING_HOME: home, MOORING_GATEWAY: 'http://127.0.0.1:1' },
})

describe('a new key', () => {
  test('is kept for its owner alone, and not printed', async () => {
    using folder = openFolder()
    const made = await runCommand(['keys', 'new', 'mine'], world(folder.path))
    expect(made.exitCode).toBe(0)
    const file = join(folder.path, 'keys/mine.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { material, commitment } = JSON.parse(readFileSync(file, 'utf8'))
    expect(material.key).toMatch(/^[0-9a-f]{64}$/)
    expect(made.stdout).toContain(commitment)
    const others = await Promise.all(
      [['list'], ['list', '--json'], ['show', 'mine'], ['show', 'mine', '--json']].map((args) =>
        runCommand(['keys', ...args], world(folder.path)),
      ),
    )
    for (const { stdout, stderr } of [made, ...others]) {
      expect(stdout + stderr).not.toContain(material.key)
    }
  })

  test('is printed where that was asked for', async () => {
    using folder = openFolder()
    const made = await runCommand(['keys', 'new', 'mine', '--show', '--json'], world(folder.path))
    const { key } = JSON.parse(made.stdout)
    const shown = await runCommand(
      ['keys', 'show', 'mine', '--show', '--chain', 'eth'],
      world(folder.path),
    )
    expect(shown.stdout).toBe(`http://127.0.0.1:1/eth/${key}\n`)
    expect(shown.stderr).toBe('')
  })

  test('goes to curl through a pipe, as the printed way says, and never as an argument', async () => {
    using folder = openFolder()
    const made = await runCommand(['keys', 'new', 'mine', '--show', '--json'], world(folder.path))
    const { key } = JSON.parse(made.stdout)
    const { stderr } = await runCommand(['keys', 'show', 'mine'], world(folder.path))
    expect(stderr).toContain('npx mooring keys show mine --headers | curl -s http://127.0.0.1:1/')
    expect(stderr).toContain(' -H @- -d ')
    expect(stderr).not.toContain('$(')
    const args = ['keys', 'show', 'mine', '--headers']
    const headers = await runCommand(args, world(folder.path))
    expect([headers.stdout, headers.stderr]).toEqual([`x-api-key: ${key}\n`, ''])
  })

  test('is shown in one way at a time', async () => {
    using folder = openFolder()
    await runCommand(['keys', 'new', 'mine'], world(folder.path))
    const args = ['keys', 'show', 'mine', '--show', '--headers']
    const { exitCode, stdout, stderr } = await runCommand(args, world(folder.path))
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Give either --show or --headers')
  })

  test('of a proof shows its secret only when that was asked for', async () => {
    using folder = openFolder()
    const args = ['keys', 'new', 'proven', '--delivery', 'proof']
    const { stdout, stderr } = await runCommand(args, world(folder.path))
    const text = readFileSync(join(folder.path, 'keys/proven.json'), 'utf8')
    expect(stdout + stderr).not.toContain(JSON.parse(text).material.jwk.d)
  })

  test('takes no name that is taken, and leaves what has it', async () => {
    using folder = openFolder()
    await runCommand(['keys', 'new', 'mine'], world(folder.path))
    const before = readFileSync(join(folder.path, 'keys/mine.json'), 'utf8')
    const { exitCode, stderr } = await runCommand(['keys', 'new', 'mine'], world(folder.path))
    expect(exitCode).toBe(2)
    expect(stderr).toContain('There is a key mine already')
    expect(readFileSync(join(folder.path, 'keys/mine.json'), 'utf8')).toBe(before)
  })

  test.each(['', '.', '../up', 'a/b', 'a b', `a${'b'.repeat(64)}`, '-x y', 'ключ'])(
    'is not called %p',
    async (name) => {
      using folder = openFolder()
      const args = ['keys', 'new', '--json', '--', name]
      const { exitCode, stderr } = await runCommand(args, world(folder.path))
      expect(stderr).toContain('is no name of a key')
      expect(exitCode).toBe(2)
      expect(readdirSync(folder.path)).toEqual([])
    },
  )
})

describe('wrong input is told with exit code 2:', () => {
  test.each([
    [['keys', 'show', 'none'], 'There is no key none'],
    [['keys', 'new', 'x', '--delivery', 'pigeon'], 'is one of key, wallet, proof'],
    [
      ['keys', 'new', 'x', '--delivery', 'proof', '--derive'],
      'makes a key of --delivery key, and no other',
    ],
    [['keys', 'new', 'x', '--delivery', 'wallet'], 'Nobody said with which key to sign'],
    [['keys', 'show', 'mine', '--chain', '../x'], 'is no name of a chain'],
    [['keys', 'show', 'mine', '--previous'], 'was nothing else before'],
    [['keys', 'freeze', 'mine'], 'Nobody said where the accounts service is'],
    [['keys', 'rotate', 'mine', '--overlap', '1e9'], 'The overlap is a number of seconds'],
    [['token', 'show', 'mine'], 'has no token yet'],
    [['token', 'show', 'none'], 'There is no key none'],
    [['token', 'proof', 'mine', '--url', 'http://x'], 'signs no proofs'],
    [['token', 'request', '--key', 'mine', '--transaction', '0x12'], 'is no transaction'],
    [
      ['token', 'request', '--key', 'none', '--transaction', `0x${'1'.repeat(64)}`],
      'There is no key none',
    ],
    [
      ['token', 'request', '--key', 'mine', '--transaction', `0x${'1'.repeat(64)}`],
      'Nobody said where the verifiers are',
    ],
    [['deposit', '1000', '--key', 'none'], 'There is no key none'],
    [['deposit', '1000', '--key', 'mine'], 'Nobody said where the verifiers are'],
    [['login'], 'Nobody said where the accounts service is'],
    [['login', '--accounts', 'nowhere'], 'no address of an accounts service'],
    [['account'], 'Nobody said where the accounts service is'],
    [['account', '--accounts', 'http://127.0.0.1:1'], 'You are not signed in'],
  ])('%p', async (args, says) => {
    using folder = openFolder()
    await runCommand(['keys', 'new', 'mine'], world(folder.path))
    const { exitCode, stdout, stderr } = await runCommand(args, world(folder.path))
    expect(stderr).toContain(says)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  })

  test('a file that is damaged, or that others may read', async () => {
    using folder = openFolder()
    await runCommand(['keys', 'new', 'mine'], world(folder.path))
    const file = join(folder.path, 'keys/mine.json')
    chmodSync(file, 0o640)
    const open = await runCommand(['keys', 'show', 'mine'], world(folder.path))
    expect([open.exitCode, open.stderr]).toEqual([2, expect.stringContaining('chmod 600')])
    chmodSync(file, 0o600)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 90))
    const damaged = await runCommand(['keys', 'show', 'mine'], world(folder.path))
    expect([damaged.exitCode, damaged.stderr]).toEqual([2, expect.stringContaining('is damaged')])
    const { exitCode, stderr } = await runCommand(['keys', 'list'], world(folder.path))
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('is damaged and left out')])
  })

  test('a key that was put under another name', async () => {
    using folder = openFolder()
    await runCommand(['keys', 'new', 'mine'], world(folder.path))
    const text = readFileSync(join(folder.path, 'keys/mine.json'), 'utf8')
    writeFileSync(join(folder.path, 'keys/other.json'), text, { mode: 0o600 })
    const { exitCode, stderr } = await runCommand(['keys', 'show', 'other'], world(folder.path))
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not the key other')])
  })
})

test('the demo that is stopped was stopped, and did not fail', async () => {
  using folder = openFolder()
  mkdirSync(join(folder.path, '.mooring'))
  const key = { privateKey: `0x${'1'.repeat(64)}` }
  const url = 'http://127.0.0.1:1'
  const network = {
    ...{ pid: process.pid, gateway: url, networkAdmin: url, accounts: url, fundedAccount: key },
    ...{ processes: {}, chains: { local_one: { anvil: url } } },
    economy: {
      ...{ rpc: url, deployment: join(folder.path, 'none.json'), accounts: { 'player-1': key } },
      ...{ verifiers: [url], verifierNodes: [[]] },
    },
  }
  writeFileSync(join(folder.path, '.mooring/network.json'), JSON.stringify(network))
  const interruption = () => AbortSignal.abort()
  const run = (...more: string[]) =>
    runCommand(['demo', 'premium', ...more], { ...world(folder.path), interruption })
  const { exitCode, stdout, stderr } = await run()
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Stopped as you wished')])
  expect(stdout + stderr).not.toContain('failed\n')
  expect(stdout).toMatch(/ {2}stopped {2}/)
  const { ok, chapters } = JSON.parse((await run('--json')).stdout)
  const outcomes = chapters.map(({ outcome }: { outcome: string }) => outcome)
  expect([ok, ...new Set(outcomes)]).toEqual([false, 'stopped', 'not reached'])
})

test('the demo asks for a local network where none runs', async () => {
  using folder = openFolder()
  const args = ['demo', 'premium']
  const none = await runCommand(args, world(folder.path))
  expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('`npm start`')])
  mkdirSync(join(folder.path, '.mooring'))
  const dead = { pid: 2 ** 22 + 1, gateway: 'http://127.0.0.1:1' }
  writeFileSync(join(folder.path, '.mooring/network.json'), JSON.stringify(dead))
  const left = await runCommand(args, world(folder.path))
  expect([left.exitCode, left.stderr]).toEqual([3, expect.stringContaining('`npm start`')])
})
