import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openFolder, runCommand } from '@mooring/cli/context.fixtures'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { beginEpoch } from '@mooring/store/ledger/epochs'
import { fund, lineOf, postOf, termsOf } from '@mooring/store/ledger/ledger.fixtures'
import { postUsage } from '@mooring/store/ledger/post'
import { type AccountsProcess, startAccountsProcess } from '@mooring/testkit/accounts'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'

/** What people see of their usage and of their books, through the command and a real accounts service. */

// Room for a slow machine.
setDefaultTimeout(60_000)

const chainId = 31_337
const folder = openFolder()
const postgres = await startPostgres()
let accounts: AccountsProcess
let database: Database
beforeAll(async () => {
  const signIn = { chainId, rpcUrl: 'http://127.0.0.1:1' }
  accounts = await startAccountsProcess({ config: { databaseUrl: postgres.url, signIn } })
  database = await openDatabase(postgres.url)
})
afterAll(async () => {
  await database.close()
  await accounts.stop()
  await postgres.stop()
  folder[Symbol.dispose]()
})

let people = 0
async function somebody() {
  const home = `${folder.path}/home-${++people}`
  const privateKey = generatePrivateKey()
  const env = {
    MOORING_HOME: home,
    MOORING_PRIVATE_KEY: privateKey,
    MOORING_ACCOUNTS: accounts.url,
  }
  const run = (...args: string[]) => runCommand(args, { cwd: folder.path, env })
  const { exitCode, stderr } = await run('login')
  if (exitCode !== 0) throw new Error(stderr)
  const account = `eip155:${chainId}:${privateKeyToAddress(privateKey).toLowerCase()}`
  return { run, account }
}

async function post(account: string, usage: Partial<UsageLine>[]): Promise<void> {
  const instance = `gw-${crypto.randomUUID()}`
  const epoch = await beginEpoch(database.sql, instance, { leaseMs: 30_000 })
  const lines = usage.map((line) => lineOf(account, line))
  const frames = { instance, from: 1, to: 1, usage: lines, closes: true }
  const { answer } = await postUsage(database, postOf(epoch, frames), termsOf())
  if ('error' in answer) throw new Error(answer.detail)
}

const june = ['--from', '2026-06-01', '--to', '2026-06-02']

describe('usage', () => {
  test('is a table by day, with what it is worth', async () => {
    const { run, account } = await somebody()
    await post(account, [
      { credits: 1_234_567, requests: 4_000 },
      { credits: 33, chain: 'bsc' },
    ])
    const { stdout, stderr } = await run('usage', ...june)
    expect(stdout).toBe(
      [
        'DAY         REQUESTS    CREDITS        WORTH',
        '2026-06-01     4,001  1,234,600  0.12346 USD',
        'total          4,001  1,234,600  0.12346 USD',
        '',
        'Used from 2026-06-01T00:00:00Z to 2026-06-02T00:00:00Z.',
        '',
      ].join('\n'),
    )
    expect(stderr).toBe('')
    const byChain = await run('usage', ...june, '--by', 'chain', '--chain', 'bsc')
    expect(byChain.stdout).toContain('bsc           1       33  0.0000033 USD\n')
  })

  test('names keys, and is told for the key that is kept here', async () => {
    const { run, account } = await somebody()
    await run('keys', 'new', 'app')
    expect((await run('keys', 'register', 'app', '--project', 'site')).exitCode).toBe(0)
    const [key] = await database.sql<
      { id: string }[]
    >`select id from keys where account = ${account}`
    await post(account, [{ credits: 10, key: key!.id }, { credits: 5 }])
    const all = await run('usage', ...june, '--by', 'key')
    expect(all.stdout).toContain(`${key!.id} (app of site)`)
    expect(all.stdout).toMatch(/^own +1 +5 /m)
    const one = await run('usage', ...june, '--key', 'app', '--json')
    expect(JSON.parse(one.stdout).total).toEqual({ requests: '1', credits: '10' })
    const own = await run('usage', ...june, '--key', 'own', '--json')
    expect(JSON.parse(own.stdout).total.credits).toBe('5')
  })

  test('is a file of all that was counted', async () => {
    const { run, account } = await somebody()
    await post(account, [{ credits: 10 }])
    const { stdout, stderr, exitCode } = await run('usage', ...june, '--csv')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout).toBe(
      'hour,projectId,project,keyId,key,chain,method,status,requests,credits\r\n' +
        '2026-06-01T00:00:00Z,,,own,,eth,eth_call,ok,1,10\r\n',
    )
  })

  test('of nobody is said in words, and a wrong wish with the way on', async () => {
    const { run } = await somebody()
    expect((await run('usage', ...june)).stdout).toBe(
      'Nothing was used from 2026-06-01T00:00:00Z to 2026-06-02T00:00:00Z.\n',
    )
    const wrong = await run('usage', '--from', 'monday')
    expect([wrong.exitCode, wrong.stdout]).toEqual([5, ''])
    expect(wrong.stderr).toContain('from: a whole hour in UTC, such as 2026-06-01')
    const csv = await run('usage', '--from', 'monday', '--csv')
    expect([csv.exitCode, csv.stdout]).toEqual([5, ''])
    expect(csv.stderr).toContain('from: a whole hour in UTC')
    const unknown = await run('usage', '--key', 'nobody')
    expect(unknown.stderr).toContain('There is no key nobody')
  })
})

describe('billing', () => {
  test('says what there is in tokens, credits and dollars', async () => {
    const { run, account } = await somebody()
    await post(account, [{ credits: 3 }])
    await fund(database, account, { tokens: 10n ** 19n, credits: 20_000_000n })
    await fund(database, account, { asset: 'usd', tokens: 5n, credits: 50n })
    await post(account, [{ credits: 2_000_000 }])
    const { stdout, stderr } = await run('billing')
    expect(stdout).toBe(
      [
        'ANKR',
        '  unused          9 ANKR, good for 18,000,000 credits (1.8 USD)',
        '  leased          0 of these credits are held by gateways',
        '  asked out       0 ANKR of what is unused',
        '  used            1 ANKR, not taken out on chain yet',
        '  taken out       0 ANKR on chain',
        '  price           0.5 ANKR for 1,000,000 credits',
        '  this period     1 ANKR used in charge period 7',
        '  life            0',
        '',
        'Stablecoin',
        '  unused          5 base units of the stablecoin, good for 50 credits (0.000005 USD)',
        '  leased          0 of these credits are held by gateways',
        '  asked out       0 USD of what is unused',
        '  used            0 USD, not taken out on chain yet',
        '  taken out       0 USD on chain',
        '  price           100000 base units of the stablecoin for 1,000,000 credits',
        '  this period     0 USD used in charge period 7',
        '  life            0',
        '',
        '3 credits (0.0000003 USD) were served when nothing was left, and are not charged.',
        '',
      ].join('\n'),
    )
    expect(stderr).toContain('in base units: Nobody said which chain')
  })

  test('has a history with the way on, and as a file', async () => {
    const { run, account } = await somebody()
    await fund(database, account, { tokens: 10n ** 18n, credits: 2_000_000n })
    await post(account, [{ credits: 1_000_000 }])
    const { stdout, stderr } = await run('billing', 'history', '--limit', '1')
    expect(stdout).toMatch(
      /^TIME +VERB +TOKENS +CREDITS +CAUSE\n2026-06-01T00:00:00Z +chargeLate +0\.5 ANKR +1,000,000 credits \(0\.1 USD\) +period 7 epoch 0\n$/,
    )
    const [, cursor = ''] = /go on with --cursor (\d+)/.exec(stderr) ?? []
    const rest = await run('billing', 'history', '--cursor', cursor, '--json')
    expect(JSON.parse(rest.stdout)).toMatchObject({ moves: [{ verb: 'deposit' }], next: null })
    const file = await run('billing', 'export', '--format', 'jsonl', '--verb', 'deposit')
    expect(JSON.parse(file.stdout)).toMatchObject({ verb: 'deposit', credits: '2000000' })
  })

  test('of nobody is said in words', async () => {
    const { run } = await somebody()
    expect((await run('billing')).stdout).toBe(
      'Nothing is in the books of your account yet: `npx mooring deposit` pays in.\n',
    )
    expect((await run('billing', 'history')).stdout).toBe(
      'Nothing has changed in the books of your account then.\n',
    )
  })
})
