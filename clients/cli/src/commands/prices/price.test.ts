import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { openFolder, runCommand } from '../../context.fixtures.ts'

const batch = JSON.stringify([
  { jsonrpc: '2.0', id: 1, method: 'eth_call' },
  { jsonrpc: '2.0', id: 2, method: 'eth_call' },
  { jsonrpc: '2.0', id: 3, method: 'eth_getLogs' },
])
const run = (stdin: string, ...args: string[]) =>
  runCommand(['price', '-', ...args], { readStdin: async () => stdin })

test('calls cost their credits, by method, the dearest first, and in all', async () => {
  const { exitCode, stdout, stderr } = await run(batch)
  expect(exitCode).toBe(0)
  expect(stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'METHOD CALLS EACH CREDITS USD',
    'eth_call 2 400 800 0.00008',
    'eth_getLogs 1 800 800 0.00008',
    'total 3 1,600 0.00016',
    '',
  ])
  expect(stderr).toBe(
    `Counted from a JSON-RPC request or batch.\nPrices of table 1, ${newestTable.hash}.\n`,
  )
})

test('of a script it says how it counted', async () => {
  using folder = openFolder()
  writeFileSync(join(folder.path, 'script.js'), 'provider.send("eth_call")\n')
  const { stdout, stderr } = await runCommand(['price', 'script.js'], { cwd: folder.path })
  expect(stdout).toMatch(/^eth_call +1 +400 +400 +0.00004$/m)
  expect(stderr).toContain('a call in a loop, or one that a library makes')
})

test('what nobody is served costs nothing, and what a subscription sends is told of', async () => {
  const { stdout, stderr } = await run('[{"method":"personal_sign"},{"method":"eth_subscribe"}]')
  expect(stdout).toMatch(/^personal_sign +1 +refused +0 +0$/m)
  expect(stderr).toContain('Nobody is served personal_sign: not charged.')
  expect(stderr).toContain('What a subscription sends is charged besides')
})

test('in ANKR a total is smaller by what the discount adds, rounded up', async () => {
  const thousandCalls = JSON.stringify(Array(1_000).fill({ method: 'eth_call' }))
  // 400,000 credits are 0.04 USD: 2 ANKR at 0.02, and 2 / 1.1 of them with a discount of 10 %.
  const discounted = await run(thousandCalls, '--rate', '0.02')
  expect(discounted.stdout).toContain('1.818182 ANKR at 0.02 USD each, which buy 10 % more')
  const plain = await run(thousandCalls, '--rate', '0.02', '--discount', '0%')
  expect(plain.stdout).toContain('\n2 ANKR at 0.02 USD')
})

test('--json prints all of it in one object', async () => {
  const { stdout } = await run(batch, '--json', '--rate', '0.02', '--discount', '0')
  expect(JSON.parse(stdout)).toEqual({
    source: 'json',
    skipped: 0,
    chain: 'eth',
    table: { version: 1, hash: newestTable.hash },
    methods: [
      { method: 'eth_call', calls: 2, creditsEach: 400, credits: '800', usd: '0.00008' },
      { method: 'eth_getLogs', calls: 1, creditsEach: 800, credits: '800', usd: '0.00008' },
    ],
    total: { calls: 3, credits: '1600', usd: '0.00016', ankr: '8000000000000000' },
  })
})

test('another table has other prices', async () => {
  using folder = openFolder()
  const file = join(folder.path, 'other.json')
  const table = structuredClone(newestTable.table) as { default: object; version: number }
  writeFileSync(file, JSON.stringify({ ...table, version: 9 }))
  const { stderr } = await run(batch, '--table', file)
  expect(stderr).toContain('Prices of table 9, 0x')
  expect(stderr).not.toContain(newestTable.hash)

  writeFileSync(file, JSON.stringify({ ...table, meanCredits: 399 }))
  const refused = await run(batch, '--table', file)
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('`meanCredits` is 399, and the mean of `mix` is 400.000000')
  writeFileSync(file, '{')
  expect((await run(batch, '--table', file)).stderr).toContain('nor JSON at all')
})

test('names that would steer a terminal are shown without what does', async () => {
  const { stdout } = await run(JSON.stringify({ method: `\u001b[2J\u009b${'x'.repeat(500)}` }))
  expect(stdout).toMatch(/^\?\[2J\?x{59}… +1 +500/m)
})

describe('bad input ends with 2 and says what is wrong:', () => {
  test.each([
    ['no calls', ['-'], 'standard input is empty'],
    ['a file that is not there', ['nowhere.js'], 'There is no file'],
    ['a chain that is not there', ['-', '--chain', 'polygno'], 'Did you mean polygon'],
    ['a rate that is none', ['-', '--rate', 'cheap'], 'is no rate of USD per ANKR'],
    ['a rate of nothing', ['-', '--rate', '0'], 'buys nothing'],
    ['a discount out of bounds', ['-', '--rate', '1', '--discount', '25%'], 'may be is 24 %'],
    ['a discount of nothing', ['-', '--discount', '10%'], 'name a --rate too'],
  ])('%s', async (_, args, says) => {
    const { exitCode, stdout, stderr } = await runCommand(['price', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(says)
  })
})
