import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { AccountCharge, EpochFile } from '@mooring/market/settlement/epoch-data'
import { encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { keyNumber, nameOf } from '@mooring/onchain/epoch.fixtures'
import { officer, type Person, player } from '@mooring/testkit/economy/people'
import fc from 'fast-check'
import { erc20Abi, padHex } from 'viem'
import { publishCharges } from './economy-by-command/services.ts'
import { startWorld, type World } from './economy-by-command/world.ts'
import { closeEpoch, publish, type Work } from './epoch-by-command/closing.ts'

/**
 * Epochs from their data to everybody's wallet: charges are applied, an epoch is settled, published, verified by the
 * command, posted and pushed, and the contracts pay to the unit what was computed. One epoch is disabled, and the next
 * one makes it good.
 */

setDefaultTimeout(120_000)

const hour = 3_600n
const day = 24n * hour
const whole = 10n ** 18n
const owners = [player(1), player(2), player(3)]
const payer = player(5)
const bringer = player(7)

let world: World
/** What was posted and not disabled last. */
let posted: EpochFile | undefined
let disabled: { charges: readonly AccountCharge[]; work: readonly Work[] }
let paid: EpochFile
let used = 0n

beforeAll(async () => {
  world = await startWorld()
  for (const [at, owner] of owners.entries()) {
    const providerId = String(at + 1)
    await world.act(owner, ['provider', 'register', '--commission', '10%'])
    const profile = ['--type', 'full', '--url', 'https://node.example', '--chains', 'eth,bsc']
    await world.act(owner, ['node', 'register', providerId, ...profile], {
      MOORING_NODE_PRIVATE_KEY: padHex(`0x${(100 + at + 1).toString(16)}`, { size: 32 }),
    })
  }
  const key = padHex('0x5ec2e7', { size: 32 })
  await world.act(payer, ['escrow', 'deposit', '10000', '--key-commitment', key])
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** Each provider has one node of the same number. */
function workOf(number: number, booked: bigint, more: Partial<Work> = {}): Work {
  return {
    ...{ nodeId: BigInt(number), providerId: BigInt(number), key: keyNumber(100 + number) },
    ...{ chain: 'eth', booked, receipted: booked, failed: 0n, ...more },
  }
}

/** The payer uses something, which is charged and applied; what its leaf said. */
async function charge(tokens: bigint): Promise<AccountCharge[]> {
  used += tokens
  const account = nameOf(payer)
  await world.pass(hour)
  const leaves = [{ account, life: 0, total: used }]
  const files = await publishCharges(world, 'ankr', { leaves, periodEnd: await world.now() })
  await world.act(bringer, ['post', 'charge-root', files.root])
  await world.pass(hour)
  await world.act(bringer, ['post', 'charges', files.charges])
  await world.pass(hour)
  return [{ account, asset: 'ankr', credits: 3_001n, tokens }]
}

function balanceOf({ address }: Pick<Person, 'address'>): Promise<bigint> {
  const { ankr } = world.deployment.parts
  const call = { abi: erc20Abi, functionName: 'balanceOf', args: [address] } as const
  return world.reader.readContract({ address: ankr, ...call })
}

const epochsOfChance = 6

/** Providers come and go, fail all or nothing, have receipts of more or less than was booked; some epochs are idle. */
const plays = fc.record({
  tokens: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 400n * whole })),
  work: fc
    .uniqueArray(
      fc.record({
        number: fc.integer({ min: 1, max: 3 }),
        chain: fc.constantFrom('bsc', 'eth'),
        booked: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        receipted: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        failed: fc.constantFrom(0n, 5n, 42n, 100n, 1_000n),
      }),
      { selector: ({ number, chain }) => `${number} ${chain}`, minLength: 1, maxLength: 6 },
    )
    .map((all) => all.map(({ number, booked, ...more }) => workOf(number, booked, more))),
})

const verify = (path: string) => world.ask('epoch', 'verify', path)

describe('an epoch', () => {
  test('that was closed holds before and after it is posted, and everybody gets what was computed', async () => {
    const charges = await charge(321n * whole + 7n)
    const work = [
      workOf(1, 1_000_003n),
      workOf(1, 500n, { chain: 'bsc', failed: 12n }),
      // Receipts of less than the books have, and a node that fails a lot.
      workOf(2, 2_000_000n, { receipted: 1_500_001n, failed: 30n }),
    ]
    const file = await closeEpoch(world, undefined, { work, charges })
    const { data, roots } = await publish(world, file)
    expect(await verify(data)).toMatchObject({ holds: true, chain: 'not posted' })
    await world.act(bringer, ['post', 'epoch', roots])
    expect(await verify(data)).toMatchObject({ holds: true, chain: 'posted' })
    await pushAll(file, data)
    posted = file
    paid = file
  })

  test('that is disabled pays nobody, and the next one pays for both', async () => {
    const charges = await charge(100n * whole)
    const work = [workOf(2, 777n)]
    const file = await closeEpoch(world, posted, { work, charges })
    const { data, roots } = await publish(world, file)
    await world.act(bringer, ['post', 'epoch', roots])
    const { number } = file.data.epoch
    await world.call(officer('guardian'), callPart(world, 'epochs', 'disable', [number]))
    expect(await verify(data)).toMatchObject({ holds: true, chain: 'not posted' })
    disabled = { charges, work }
  })

  test('closes what was missed, of providers that came and went', async () => {
    const [more] = await charge(50n * whole)
    const [before] = disabled.charges
    if (more === undefined || before === undefined) throw new Error('something was charged')
    const sum = {
      ...more,
      credits: more.credits + before.credits,
      tokens: more.tokens + before.tokens,
    }
    // Provider 1 did nothing, 3 is new.
    const work = [...disabled.work, workOf(3, 42n, { chain: 'bsc' })]
    const file = await closeEpoch(world, posted, { work, charges: [sum] })
    expect(file.data.previous?.number).toBe(paid.data.epoch.number)
    const { data, roots } = await publish(world, file)
    await world.act(bringer, ['post', 'epoch', roots])
    await pushAll(file, data)
    posted = file
    const { payoutsTotal, withheldTotal } = file.roots
    expect(payoutsTotal + withheldTotal).toBe(
      await readPart(world, 'distributor', 'fundedTotal', []),
    )
    expect(await readPart(world, 'distributor', 'paidTotal', [])).toBe(payoutsTotal)
    expect(await readPart(world, 'distributor', 'withheldSwept', [])).toBe(withheldTotal)
  })

  test('of which anything was forged is found out by the chain', async () => {
    if (posted === undefined) throw new Error('an epoch was posted')
    const { data } = posted
    const [node] = data.nodes
    if (node === undefined || data.previous === null) throw new Error('nodes did something')
    const forgeries: [string, Partial<EpochFile['data']>][] = [
      [
        'data.state.fundedTotal',
        { state: { ...data.state, fundedTotal: data.state.fundedTotal + 1n } },
      ],
      ['data.state.hash', { state: { ...data.state, hash: padHex('0x01') } }],
      ['data.state.block', { state: { ...data.state, block: 10n ** 9n } }],
      ['data.epoch.from', { epoch: { ...data.epoch, from: data.epoch.from + 1n } }],
      [
        'data.nodes[0].providerId',
        { nodes: [{ ...node, providerId: 1n }, ...data.nodes.slice(1)] },
      ],
      [
        'data.nodes[0].keys[0]',
        { nodes: [{ ...node, keys: [nameOf(keyNumber(9))] }, ...data.nodes.slice(1)] },
      ],
      ['data.gateways[0]', { gateways: [nameOf(keyNumber(9))] }],
      [
        'data.tariffs[0].hash',
        { tariffs: data.tariffs.map((row) => ({ ...row, hash: padHex('0x01') })) },
      ],
      ['data.previous.withheldTotal', { previous: { ...data.previous, withheldTotal: 0n } }],
      [
        'data.previous.number',
        { previous: { ...data.previous, number: data.previous.number + 1n } },
      ],
      ['data.deployment.epochs', { deployment: { ...data.deployment, epochs: nameOf(payer) } }],
      ['roots.dataHash', {}],
    ]
    const { roots } = posted
    for (const [path, change] of forgeries) {
      const forged = { data: { ...data, ...change }, roots: { ...roots, dataHash: padHex('0x02') } }
      const name = await world.text('forged.json', encodeEpochFile(forged))
      const { exitCode, stdout } = await world.attempt('epoch', 'verify', name)
      expect(exitCode).toBe(1)
      const { differences } = JSON.parse(stdout) as { differences: { path: string }[] }
      expect([path, differences.map((one) => one.path)]).toEqual([
        path,
        expect.arrayContaining([path]),
      ])
    }
  })

  test('proves to an account what it was charged, by the chain alone', async () => {
    if (posted === undefined) throw new Error('an epoch was posted')
    const data = await world.text('data.json', encodeEpochFile(posted))
    const proof = await world.ask('epoch', 'proof', data, '--account', payer.address)
    const path = await world.file('proof.json', proof)
    expect(await world.ask('epoch', 'check', path)).toMatchObject({ rows: 1 })
    const forged = JSON.stringify(proof).replace('"credits":"6002"', '"credits":"6001"')
    const { exitCode, stderr } = await world.attempt(
      ...['epoch', 'check', await world.text('forged-proof.json', forged)],
    )
    expect(exitCode).toBe(1)
    expect(stderr).toContain('charges[0] leads to')
    const early = await world.text(
      'early.json',
      JSON.stringify({ ...(proof as object), epoch: '1' }),
    )
    expect((await world.attempt('epoch', 'check', early)).exitCode).toBe(5)
  })

  test('of any kind is paid to the unit by the contracts, in any sequence', async () => {
    for (const play of fc.sample(plays, { seed: 7, numRuns: epochsOfChance })) {
      const charges = play.tokens === 0n ? [] : await charge(play.tokens)
      if (charges.length === 0) await world.pass(hour)
      const file = await closeEpoch(world, posted, { work: play.work, charges })
      const { data, roots } = await publish(world, file)
      await world.act(bringer, ['post', 'epoch', roots])
      expect(await verify(data)).toMatchObject({ holds: true, chain: 'posted' })
      await pushAll(file, data)
      posted = file
    }
  })
})

/** Waits, pushes what the command makes of the file, sweeps, and compares what arrived with what was computed. */
async function pushAll(file: EpochFile, data: string): Promise<void> {
  const treasury = await treasuryAddress()
  const people = [...owners, { address: treasury }]
  const before = await Promise.all(people.map(balanceOf))
  await world.pass(2n * day)
  const amounts = owners.map((_, at) => amountOf(file, BigInt(at + 1)))
  const withheld = file.roots.withheldTotal - (file.data.previous?.withheldTotal ?? 0n)
  const path = await world.file('payouts.json', await world.ask('epoch', 'payouts', data))
  // What is not new is refused, and a command does not try what would do nothing.
  if (amounts.some((amount) => amount > 0n)) {
    await world.act(bringer, ['post', 'payouts', path])
  }
  if (withheld > 0n) await world.act(bringer, ['fees', 'sweep-withheld'])
  const after = await Promise.all(people.map(balanceOf))
  const arrived = after.map((balance, at) => balance - (before[at] ?? 0n))
  // Nobody stakes here, so that all of a payout is the provider's.
  expect(arrived).toEqual([...amounts, withheld])
}

function amountOf({ data }: EpochFile, providerId: bigint): bigint {
  return data.payouts.find((payout) => payout.providerId === providerId)?.amount ?? 0n
}

async function treasuryAddress() {
  // Buckets count from 0: the treasury is the first.
  return readPart(world, 'feeRouter', 'recipientOf', [0])
}
