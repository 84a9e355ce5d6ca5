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
  runCommand(world.prompter === undefined ? [...args, ...yesFor(args)] : args, {
    cwd: folder.path,
    env,
    ...world,
  })
/** Commands that only read, or sign something for somebody else to send, ask nothing. */
const yesFor = ([noun, verb]: readonly string[]) =>
  verb === 'show' || verb === 'consent' || noun === 'economy' ? [] : ['--yes']
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
    expect(stderr).toContain('provider registry commission too high: commission 31 %, max 30 %')
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

  test('where nobody can be asked, nothing is signed without --yes', async () => {
    const before = await head()
    const { exitCode, stderr } = await runCommand(register, { cwd: folder.path, env })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Add --yes to sign without a question')
    expect(await head()).toBe(before)
  })

  test('a key is never an option', async () => {
    const { exitCode, stderr } = await run([...register, '--private-key', '0x01'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("unknown option '--private-key'")
  })
})

describe('what was signed', () => {
  test('is told by the number it is called by from now on', async () => {
    const { stdout } = await run([...register, '--json'])
    const { provider } = JSON.parse(stdout)
    const shown = await run(['provider', 'show', provider, '--json'])
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: provider, owner: player(1).address })
    const again = await run(register)
    expect(again.stdout).toEndWith(` It is provider ${Number(provider) + 1}.\n`)
    expect(again.stderr).toMatch(/owned already +provider 1/)
  })

  test('is told by hash and block, asked for once', async () => {
    const { exitCode, stdout, stderr } = await run(['stake', '1', '1000'], person(true))
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      /let the staking pool \(0x.*\) take 1,000 ANKR …\n {2}sending 0x[0-9a-f]{64}\n {2}in block \d+, fee/,
    )
    expect(stdout).toBe("Done: Stake 1,000 ANKR of the provider's own behind provider 1.\n")
  })

  test('is one JSON object with --json, amounts in it as text', async () => {
    const { stdout } = await run(['stake', '1', '1000', '--json'])
    const answer = JSON.parse(stdout)
    expect(answer.transactions.map(({ label }: { label: string }) => label)).toEqual([
      `let the staking pool (${economy.deployment.parts.pool}) take 1,000 ANKR`,
      'stake 1,000 ANKR',
    ])
    expect(answer.transactions[0].feeWei).toMatch(/^\d+$/)
  })

  test('waits for the confirmations that were asked for', async () => {
    // This chain makes a block for each transaction and none else, so depth has to be made.
    const mining = setInterval(() => void anvil.mine(1), 50)
    try {
      const { exitCode } = await run(['stake', '1', '1', '--confirmations', '3'])
      expect(exitCode).toBe(0)
    } finally {
      clearInterval(mining)
    }
  })
})

test('payouts that are not due are told as skipped, and all of them is a failure', async () => {
  const payout = { providerId: '1', epoch: '99', cumulative: '1', proof: [] }
  writeFileSync(join(folder.path, 'payouts.json'), JSON.stringify({ payouts: [payout] }))
  const { exitCode, stdout, stderr } = await run(['post', 'payouts', 'payouts.json', '--json'])
  expect(exitCode).toBe(5)
  expect(stderr).toContain(
    'skipped: provider 1, epoch 99: reward distributor not active (epoch 99)',
  )
  const answer = JSON.parse(stdout)
  expect(answer.error).toContain('Everything was skipped')
  expect(answer.transactions).toHaveLength(1)
})

test('a failure is one JSON object too', async () => {
  const { exitCode, stdout } = await run(['delegate', '1', '5', '--json'])
  expect(exitCode).toBe(5)
  expect(JSON.parse(stdout)).toMatchObject({
    what: 'Delegate 5 ANKR to provider 1',
    error: expect.stringContaining('below minimum'),
    transactions: [],
  })
})

test('who stops waiting is told that it may still happen', async () => {
  await anvil.ask('evm_setAutomine', [false])
  const stop = new AbortController()
  try {
    const running = run(['stake', '1', '1'], { interruption: () => stop.signal })
    await Bun.sleep(1_500)
    stop.abort()
    const { exitCode, stderr } = await running
    expect(exitCode).toBe(1)
    expect(stderr).toContain('may be sent and may still happen. 1 more was not sent.')
  } finally {
    await anvil.ask('evm_setAutomine', [true])
    await anvil.mine(1)
  }
})

test('somebody deposits for an account that agreed to it, once', async () => {
  const key = `0x${'ab'.repeat(32)}`
  const agreed = await run(['escrow', 'consent', key], {
    env: { MOORING_PRIVATE_KEY: privateKeyOf(player(2)) },
  })
  expect(agreed.exitCode).toBe(0)
  writeFileSync(join(folder.path, 'consent.json'), agreed.stdout)
  const paid = await run(['escrow', 'deposit-for', 'consent.json', '1000'])
  expect(paid.stdout).toStartWith(`Done: Deposit 1,000 ANKR for ${player(2).address}`)
  const shown = await run(['escrow', 'show', player(2).address, '--json'])
  expect(JSON.parse(shown.stdout).holdings[0]).toMatchObject({
    ...{ asset: 'ankr', balance: String(10n ** 21n), keyCommitment: key },
  })
  const again = await run(['escrow', 'deposit-for', 'consent.json', '1000'])
  expect(again.exitCode).toBe(5)
  expect(again.stderr).toContain('escrow bad consent')
})
