import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { player, privateKeyOf } from '@mooring/testkit/economy/people'
import { type LocalEconomy, startEconomy } from '@mooring/testkit/economy/start'
import { openFolder, runCommand } from '../context.fixtures.ts'
import type { Context } from '../context.ts'

// Other tests may be running beside these.
setDefaultTimeout(30_000)

let anvil: Anvil
let economy: LocalEconomy
let folder: ReturnType<typeof openFolder>

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await startEconomy(anvil)
  folder = openFolder()
  // As a running local network leaves it, so that nobody has to say where the contracts are.
  const deployment = join(folder.path, 'deployment.json')
  writeFileSync(deployment, formatDeployment(economy.deployment))
  mkdirSync(join(folder.path, '.mooring'))
  const network = { economy: { rpc: economy.rpc, deployment } }
  writeFileSync(join(folder.path, '.mooring/network.json'), JSON.stringify(network))
})
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await anvil?.stop()
})

const env = { MOORING_PRIVATE_KEY: privateKeyOf(player(1)) }
const register = ['provider', 'register', '--commission', '10%']
const run = (args: readonly string[], world: Partial<Context> = {}) =>
  runCommand(args, { cwd: folder.path, env, ...world })
const head = () => economy.reader.getBlockNumber()

/** Somebody at a terminal who gives one answer to every question. */
function person(answer: boolean): Partial<Context> {
  const asked: string[] = []
  const prompter = {
    confirm: async (message: string) => {
      asked.push(message)
      return answer
    },
  }
  // No other question is asked here.
  return { prompter: prompter as unknown as NonNullable<Context['prompter']> }
}

describe('before anything is signed', () => {
  test('a dry run says what would happen and what it costs, and sends nothing', async () => {
    const before = await head()
    const { exitCode, stdout, stderr } = await run([...register, '--dry-run'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain('Register a provider with a commission of 10 %')
    expect(stderr).toMatch(/cost +at most 0\.\d+ of the native token \(\d+ gas\)/)
    expect(stderr).toEndWith('Dry run: nothing was signed.\n')
    expect(await head()).toBe(before)
  })

  test('a person who says no has signed nothing', async () => {
    const before = await head()
    const { exitCode, stderr } = await run(register, person(false))
    expect(exitCode).toBe(1)
    expect(stderr).toEndWith('Stopped. Nothing was signed.\n')
    expect(await head()).toBe(before)
  })

  test('what the contracts would refuse is told in their words, with exit code 5', async () => {
    const before = await head()
    const { exitCode, stderr } = await run([...register.slice(0, 2), '--commission', '31%'])
    expect(exitCode).toBe(5)
    expect(stderr).toContain(
      'provider registry commission too high (commissionPpm 310000, maxPpm 300000)',
    )
    expect(await head()).toBe(before)
  })

  test('a later step that would be refused stops the first', async () => {
    await run(register)
    const before = await head()
    const { exitCode, stderr } = await run(['delegate', '1', '5'])
    expect(exitCode).toBe(5)
    expect(stderr).toContain('delegate 5 ANKR: staking pool below minimum')
    expect(await head()).toBe(before)
  })

  test.each([
    [['stake', '1', '1e6'], 'is no amount of ANKR'],
    [['stake', '99', '1'], 'There is no provider 99'],
    [['stake', '1', '10000001'], 'has 10,000,000 ANKR and would need 10,000,001 ANKR'],
    [['unstake', '1'], 'Say either how much, in ANKR, or --all.'],
    [['unstake', '1', '5', '--all'], 'Say either how much'],
    [['withdraw', '7'], 'There is no open request 7'],
    [['escrow', 'request', '1'], 'There are 0 ANKR to take out'],
    [['escrow', 'deposit', '1', '--asset', 'eur'], 'is one of ankr, usd'],
    [['fees', 'release', 'me'], 'is no share'],
    [['post', 'epoch', 'none.json'], 'There is no file'],
    [
      ['node', 'register', '1', '--type', 'big', '--url', 'https://x', '--chains', 'eth'],
      'no type',
    ],
    [['economy', 'params', 'Epoch'], 'There is no parameter "Epoch"'],
  ])('bad input %p is told with exit code 2', async (args, says) => {
    const { exitCode, stderr } = await run(args)
    expect(stderr).toContain(says)
    expect(exitCode).toBe(2)
  })

  test('a key is never an option', async () => {
    const { exitCode, stderr } = await run([...register, '--private-key', '0x01'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("unknown option '--private-key'")
  })
})

describe('what was signed', () => {
  test('is told by hash and block, asked for once', async () => {
    const { exitCode, stdout, stderr } = await run(['stake', '1', '1000'], person(true))
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/approve 1,000 ANKR …\n {2}sent 0x[0-9a-f]{64}\n {2}in block \d+, fee/)
    expect(stdout).toMatch(
      /^Done: Stake 1,000 ANKR of its own behind provider 1 \(block \d+\)\.\n$/,
    )
  })

  test('is one JSON object with --json, amounts in it as text', async () => {
    const { stdout } = await run(['stake', '1', '1000', '--json'])
    const answer = JSON.parse(stdout)
    expect(answer.transactions.map(({ label }: { label: string }) => label)).toEqual([
      'approve 1,000 ANKR',
      'stake 1,000 ANKR',
    ])
    expect(answer.transactions[0].feeWei).toMatch(/^\d+$/)
  })

  test('waits for the confirmations that were asked for', async () => {
    const mining = setInterval(() => void anvil.mine(1), 50)
    try {
      const { exitCode } = await run(['stake', '1', '1', '--confirmations', '3'])
      expect(exitCode).toBe(0)
    } finally {
      clearInterval(mining)
    }
  })
})
