import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ApplyChargesArgs } from '@mooring/market/economy/verbs/charge'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { membersOf, officer, player } from '@mooring/testkit/economy/people'
import { padHex, zeroAddress } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { accountOf, type Mirror, startMirror } from './economy-by-command/mirror.ts'
import { publishCharges, publishEpoch, publishRate } from './economy-by-command/services.ts'
import { startWorld, type World } from './economy-by-command/world.ts'

/**
 * The whole of an economy's life through the command that people use: a provider and its nodes, three delegators, two
 * consumers, two epochs, a slash, and everybody leaves. After every chapter every balance of everybody is compared to
 * the wei with the reference model, which is told of the same.
 */

const ankr = (whole: bigint) => whole * 10n ** 18n
const dollars = (whole: bigint) => whole * 10n ** 6n
const hour = 3_600n
const day = 24n * hour

const owner = player(1)
const delegators = [
  { person: player(2), amount: 150_000n },
  { person: player(3), amount: 100_000n },
  { person: player(4), amount: 50_000n },
] as const
const payer = player(5)
const dollarPayer = player(6)
const buyer = player(7)
const earner = player(8)
/** Whoever brings what was signed: it needs no role. */
const bringer = player(7)
const key = padHex('0x5ec2e7', { size: 32 })
const providerId = 1n
const verifiers = membersOf('verifier').slice(0, 2).map(accountOf)
const rateSigners = membersOf('rateSigner').map(accountOf)

let world: World
let mirror: Mirror

beforeAll(async () => {
  world = await startWorld()
  mirror = await startMirror(world)
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function expectTheSame() {
  expect(await mirror.differences()).toEqual([])
}

/** Verifiers publish what accounts used up to now, anyone brings it, waits and applies it. */
async function charge(used: { ankr: bigint; usd: bigint }) {
  const charges: (ApplyChargesArgs & { file: string })[] = []
  await world.pass(hour)
  const periodEnd = await world.now()
  for (const asset of ['ankr', 'usd'] as const) {
    const token = asset === 'ankr' ? 'ankr' : 'stable'
    const person = asset === 'ankr' ? payer : dollarPayer
    const leaf = { account: person.address, life: 0, total: used[asset] }
    const files = await publishCharges(world, asset, { leaves: [leaf], periodEnd })
    const posted = await world.act(bringer, ['post', 'charge-root', files.root])
    const leaves = [{ account: accountOf(person), life: 0n, total: used[asset] }]
    const args = { asset: token, leaves, periodEnd, signers: verifiers } as const
    mirror.tell(posted, bringer, { name: 'postChargeRoot', args })
    const rootId = BigInt(mirror.economy.escrows[token].roots.length)
    charges.push({ asset: token, leaves, rootId, file: files.charges })
  }
  await world.pass(hour)
  for (const { file, ...args } of charges) {
    const applied = await world.act(bringer, ['post', 'charges', file])
    mirror.tell(applied, bringer, { name: 'applyCharges', args })
  }
}

/** Verifiers sign the epoch that has ended, anyone brings it, waits and pushes the payouts. */
async function payOut(earned: { cumulative: bigint; withheldTotal: bigint }) {
  const { epoch: current } = await clock()
  await world.pass(hour)
  const epoch = BigInt(current)
  const { cumulative, withheldTotal } = earned
  const leaves = [{ providerId, cumulative }]
  const files = await publishEpoch(world, epoch, { leaves, withheldTotal })
  const roots = { epoch, leaves, payoutsTotal: cumulative, withheldTotal }
  const posted = await world.act(bringer, ['post', 'epoch', files.epoch])
  mirror.tell(posted, bringer, { name: 'postEpoch', args: { roots, signers: verifiers } })
  await world.pass(2n * day)
  const pushed = await world.act(bringer, ['post', 'payouts', files.payouts])
  const payouts = [{ providerId, epoch, cumulative }]
  mirror.tell(pushed, bringer, { name: 'pushMany', args: { payouts } })
  const swept = await world.act(bringer, ['fees', 'sweep-withheld'])
  mirror.tell(swept, bringer, { name: 'sweepWithheld', args: {} })
}

async function clock() {
  return (await world.ask('economy', 'show')) as { epoch: string }
}

/** Sells the stablecoin fees that have come in, up to an amount. */
async function sell(amount: bigint) {
  const observedAt = await world.now()
  const usdPerAnkr = 3n * 10n ** 16n
  const file = await publishRate(world, { usdPerAnkr, observedAt })
  const quotes = rateSigners.map(() => usdPerAnkr)
  mirror.tell(await world.act(bringer, ['post', 'rate', file]), bringer, {
    name: 'postRate',
    args: { observedAt, quotes, signers: rateSigners },
  })
  const started = await world.act(bringer, ['fees', 'auction'])
  mirror.tell(started, bringer, { name: 'startAuction', args: {} })
  await world.pass(3n * hour)
  const most = ankr(2_000n)
  const text = ['fees', 'buy', String(amount / dollars(1n)), '--at-most', '2000']
  const bought = await world.act(buyer, text)
  const args = { stableMax: amount, ankrMax: most }
  mirror.tell(bought, buyer, { name: 'buy', args })
}

async function leave(person: typeof owner, kind: 'Self' | 'Delegated') {
  const holder = kind === 'Self' ? zeroAddress : person.address
  const number = kind === 'Self' ? 1 : 0
  const shares = await readPart(world, 'pool', 'sharesOf', [providerId, number, holder])
  const verb = kind === 'Self' ? 'unstake' : 'undelegate'
  const second = await world.act(person, [verb, '1', '--all'])
  mirror.tell(second, person, {
    name: 'unstake',
    args: { providerId, kind, shares, amountMin: 0n },
  })
}

async function claim(person: typeof owner) {
  const second = await world.act(person, ['claim', '1'])
  const args = { providerId, to: accountOf(person) }
  mirror.tell(second, person, { name: 'claim', args })
}

describe('an economy, by the command', () => {
  test('a provider registers, stakes for two nodes and is admitted', async () => {
    const registered = await world.act(owner, [
      ...['provider', 'register', '--commission', '10%'],
      ...['--rewards-to', earner.address, '--metadata', 'https://provider.example/about.json'],
    ])
    const args = { rewardsTo: accountOf(earner), commissionPpm: 100_000n }
    mirror.tell(registered, owner, { name: 'registerProvider', args })
    const staked = await world.act(owner, ['stake', '1', '200_000'])
    const amount = ankr(200_000n)
    mirror.tell(staked, owner, {
      name: 'stake',
      args: { providerId, kind: 'Self', amount, sharesMin: 0n, way: 'approval' },
    })
    for (const nodeId of [1n, 2n, 3n]) {
      const secret = generatePrivateKey()
      const profile = ['--type', 'full', '--url', 'https://node.example', '--chains', 'eth,bsc']
      const second = await world.act(owner, ['node', 'register', '1', ...profile], {
        MOORING_NODE_PRIVATE_KEY: secret,
      })
      const signingKey = accountOf({ address: privateKeyToAddress(secret) })
      mirror.tell(second, owner, { name: 'registerNode', args: { providerId, signingKey } })
      const steps = [
        ['audit', owner, 'requestAudit'],
        ['admit', officer('admissions'), 'admitNode'],
      ] as const
      for (const [verb, person, name] of steps) {
        const done = await world.act(person, ['node', verb, String(nodeId)])
        mirror.tell(done, person, { name, args: { nodeId } })
      }
    }
    for (const nodeId of [1n, 2n]) {
      const second = await world.act(owner, ['node', 'activate', String(nodeId)])
      mirror.tell(second, owner, { name: 'activateNode', args: { nodeId } })
    }
    const third = await world.refused(owner, ['node', 'activate', '3'])
    expect(third.exitCode).toBe(5)
    expect(third.stderr).toContain('provider registry self stake too small')
    const outsider = await world.refused(payer, ['node', 'admit', '1'])
    expect(outsider.stderr).toContain('does not hold the role that may do this')
    await expectTheSame()
  })

  test('three delegators stake', async () => {
    for (const { person, amount } of delegators) {
      const second = await world.act(person, ['delegate', '1', String(amount)])
      mirror.tell(second, person, {
        name: 'stake',
        args: {
          ...{ providerId, kind: 'Delegated', amount: ankr(amount) },
          ...{ sharesMin: 0n, way: 'approval' },
        },
      } as const)
    }
    expect(await world.ask('provider', 'show', '1')).toMatchObject({
      selfStake: String(ankr(200_000n)),
      delegated: String(ankr(300_000n)),
      nodes: [{ status: 'active' }, { status: 'active' }, { status: 'admitted' }],
    })
    await expectTheSame()
  })

  test('consumers deposit both assets', async () => {
    const first = await world.refused(payer, ['escrow', 'deposit', '10000'])
    expect(first.stderr).toContain('add --key-commitment')
    const deposits = [
      { person: payer, asset: 'ankr', amount: ankr(10_000n), text: '10,000', name: 'ankr' },
      { person: dollarPayer, asset: 'stable', amount: dollars(300n), text: '300', name: 'usd' },
    ] as const
    for (const { person, asset, amount, text, name } of deposits) {
      const second = await world.act(person, [
        ...['escrow', 'deposit', text, '--asset', name, '--key-commitment', key],
      ])
      const args = { asset, amount, keyCommitment: key, way: 'approval' } as const
      mirror.tell(second, person, { name: 'deposit', args })
    }
    await expectTheSame()
  })

  test('the first epoch is charged, split, sold, paid and claimed', async () => {
    await charge({ ankr: ankr(400n), usd: dollars(27n) })
    expect(await world.ask('fees', 'show')).toMatchObject({
      accrued: {
        treasury: String(ankr(32n)),
        grants: String(ankr(8n)),
        auditors: String(ankr(8n)),
        protection: String(ankr(12n)),
      },
      providersTotal: String(ankr(320n)),
      pending: String(dollars(27n)),
    })
    await sell(dollars(27n))
    await expectTheSame()

    // Nine tenths of quality: the provider earns nine tenths of what its relays were charged.
    const funded = await readPart(world, 'distributor', 'fundedTotal', [])
    expect(funded).toBeGreaterThan(ankr(320n))
    const cumulative = (funded * 9n) / 10n
    await payOut({ cumulative, withheldTotal: funded - cumulative })
    await expectTheSame()

    await world.pass(hour)
    for (const { person } of delegators.slice(1)) await claim(person)
    const restaked = await world.act(delegators[0].person, ['claim', '1', '--restake'])
    const args = { providerId, sharesMin: 0n }
    mirror.tell(restaked, delegators[0].person, { name: 'claimAndRestake', args })
    await expectTheSame()
  })

  test('the second epoch is charged, split, sold in part, paid and claimed', async () => {
    await charge({ ankr: ankr(1_000n), usd: dollars(40n) })
    await sell(dollars(10n))
    await world.pass(4n * hour)
    const ended = await world.act(bringer, ['fees', 'end-auction'])
    mirror.tell(ended, bringer, { name: 'endAuction', args: {} })
    expect(await world.ask('fees', 'show')).toMatchObject({ pending: String(dollars(3n)) })

    const { paidTotal, withheldSwept } = mirror.economy.distributor
    const funded = await readPart(world, 'distributor', 'fundedTotal', [])
    const fresh = funded - paidTotal - withheldSwept
    const cumulative = paidTotal + (fresh * 7n) / 10n
    await payOut({ cumulative, withheldTotal: funded - cumulative })
    await world.pass(hour)
    for (const { person } of delegators) await claim(person)
    await expectTheSame()
  })

  test('a slash takes from who stays and who leaves alike', async () => {
    const [, , leaver] = delegators
    await leave(leaver.person, 'Delegated')
    const before = await positionOf(leaver.person.address)
    const slasher = officer('slasher')
    const amounts = { selfAmount: ankr(20_000n), delegatedAmount: ankr(30_000n) }
    const args = [providerId, amounts.selfAmount, amounts.delegatedAmount] as const
    const slash = callPart(world, 'pool', 'slash', args)
    mirror.tell(await world.call(slasher, slash), slasher, {
      name: 'slash',
      args: { providerId, ...amounts },
    })
    const after = await positionOf(leaver.person.address)
    expect(BigInt(after.requests[0]?.value ?? 0)).toBeLessThan(
      BigInt(before.requests[0]?.value ?? 0),
    )
    expect(await world.ask('provider', 'show', '1')).toMatchObject({
      selfStake: String(ankr(180_000n)),
      nodes: [{ status: 'active' }, { status: 'draining' }, { status: 'admitted' }],
    })
    await expectTheSame()
  })

  test('everybody leaves, and what remains is what nobody is owed', async () => {
    for (const { person } of delegators.slice(0, 2)) await leave(person, 'Delegated')
    await leave(owner, 'Self')
    for (const [person, asset, name] of [
      [payer, 'ankr', 'ankr'],
      [dollarPayer, 'stable', 'usd'],
    ] as const) {
      const amount = await balanceOf(name, person.address)
      const asked = await world.act(person, ['escrow', 'request', '--all', '--asset', name])
      mirror.tell(asked, person, { name: 'requestWithdraw', args: { asset, amount } })
    }
    const early = await world.refused(payer, ['escrow', 'withdraw'])
    expect(early.stderr).toContain('escrow withdraw too early')

    await world.pass(29n * day)
    for (const [person, asset, name] of [
      [payer, 'ankr', 'ankr'],
      [dollarPayer, 'stable', 'usd'],
    ] as const) {
      const paid = await world.act(person, ['escrow', 'withdraw', '--asset', name])
      const to = accountOf(person)
      mirror.tell(paid, person, { name: 'withdrawDeposit', args: { asset, to } })
    }
    for (const person of [owner, ...delegators.map((delegator) => delegator.person)]) {
      for (const { id } of (await positionOf(person.address)).requests) {
        const paid = await world.act(person, ['withdraw', id])
        const args = { requestId: BigInt(id), to: accountOf(person) }
        mirror.tell(paid, person, { name: 'withdraw', args })
      }
      expect((await positionOf(person.address)).requests).toEqual([])
    }
    for (const bucket of ['Treasury', 'Grants', 'Auditors', 'Protection'] as const) {
      const released = await world.act(bringer, ['fees', 'release', bucket.toLowerCase()])
      mirror.tell(released, bringer, { name: 'releaseBucket', args: { bucket } })
    }
    await expectTheSame()

    const { deployment } = world
    const left = async (
      part: 'pool' | 'ankrEscrow' | 'stableEscrow' | 'distributor' | 'feeRouter',
    ) => [
      await readPart(world, 'ankr', 'balanceOf', [deployment.parts[part]]),
      await readPart(world, 'stable', 'balanceOf', [deployment.parts[part]]),
    ]
    expect(await left('ankrEscrow')).toEqual([0n, 0n])
    expect(await left('stableEscrow')).toEqual([0n, 0n])
    expect(await left('distributor')).toEqual([0n, 0n])
    // Too little for a lot of its own: it waits for more fees.
    expect(await left('feeRouter')).toEqual([0n, dollars(3n)])
    const [dust = 0n] = await left('pool')
    // A stream leaves less than a base unit for each of its seconds, and rounding a unit or two for each request.
    expect(dust).toBeLessThan(hour + 20n)
  })
})

type Position = { requests: { id: string; value: string }[] }

async function positionOf(address: string): Promise<Position> {
  const { positions } = (await world.ask('position', address)) as { positions: Position[] }
  return { requests: positions.flatMap(({ requests }) => requests) }
}

async function balanceOf(asset: string, address: string): Promise<bigint> {
  const shown = (await world.ask('escrow', 'show', address)) as {
    holdings: { asset: string; balance: string }[]
  }
  return BigInt(shown.holdings.find((holding) => holding.asset === asset)?.balance ?? 0)
}
