import { readPart } from '@mooring/onchain/contracts'
import { connect, type Queries } from '@mooring/store/database'
import { systemClock } from '@mooring/telemetry/clock'
import { type Customer, openCustomers } from '../economy/customers.ts'
import { type Audit, auditOf } from './audit.ts'
import type { MarketPlan } from './plan.ts'
import { sendRound } from './traffic.ts'
import { untilChain, untilSo } from './until.ts'
import { claimRewards, depositorsLeave, stakersLeave } from './withdrawals.ts'
import { startWorld, type World, type WorldContext } from './world.ts'

export type StoryContext = WorldContext & {
  /** Told of what is being done, and of what came of it. */
  chapter: (title: string) => void
  /** Breaks things from the first request on, until it is asked to stop. */
  breaking?: ((world: World) => Breaking) | undefined
}

export type Breaking = { stop(): Promise<void> }

const hour = 3_600
const day = 24 * hour

/**
 * The whole way of the money, from deposits to withdrawals, through every service. All that is waited for is what services
 * do by themselves; only the clock of the settlement chain is turned.
 */
export async function playMarket(plan: MarketPlan, context: StoryContext): Promise<Audit> {
  const { signal, chapter } = context
  chapter('a network starts')
  await using world = await startWorld(plan, context)
  chapter(`${plan.customers} wallets deposit, and get keys from the verifiers`)
  const customers = await openCustomers(
    world.chain,
    { processes: world.verifiers.map(({ process }) => process) },
    { count: plan.customers, amount: plan.depositTokens },
  )
  await using sql = connect(world.databaseUrl)
  const stage: Stage = { ...context, plan, world, customers, sql }
  await untilServed(stage)
  const breaking = context.breaking?.(world)
  try {
    for (let number = 1; number <= plan.epochs; number++) await playEpoch(stage, number)
    chapter('what is used is charged on chain')
    await untilCharged(stage)
    chapter('epochs are closed, signed and posted')
    await untilClosed(stage)
    chapter('payouts are pushed')
    await untilPaid(stage)
  } finally {
    await breaking?.stop()
  }
  chapter('delegators claim, one unstakes; consumers withdraw')
  await claimRewards(world, hour)
  await depositorsLeave(world, customers)
  await stakersLeave(world)
  signal.throwIfAborted()
  chapter('all books are compared')
  return await auditOf(stage)
}

export type Stage = StoryContext & {
  plan: MarketPlan
  world: World
  customers: readonly Customer[]
  sql: Queries
}

function urlsOf({ gateways, served }: World): string[] {
  return gateways.map(({ process: { url } }) => `${url}/${served.name}`)
}

/** Until each gateway has found the nodes, and what was deposited may be used. */
async function untilServed({ world, customers, signal, chapter, plan }: Stage): Promise<void> {
  chapter('gateways find the nodes on chain')
  const busy = plan.providers.filter(({ isIdle }) => isIdle !== true).length
  for (const { process } of world.gateways) {
    await untilSo(`${process.name} serves through ${busy} nodes`, signal, async () => {
      const report = await (await fetch(`${process.adminUrl}/v1/upstreams`)).json()
      const found = (report as UpstreamsReport).chains[0]?.upstreams ?? []
      return found.filter(({ gates }) => gates.length === 0).length >= busy
    })
  }
  // One request each: deposits are credited some seconds after they are final.
  const once = { requestsEach: 1, number: 0xff, signal }
  await sendRound({ ...once, customers, urls: () => urlsOf(world) })
}

type UpstreamsReport = { chains: { upstreams: { gates: unknown[] }[] }[] }

async function playEpoch(stage: Stage, number: number): Promise<void> {
  const { world, plan, customers, chapter, signal } = stage
  const away = world.providers.filter((one) => one.plan.offlineIn === number)
  const who = away.map((one) => `, while ${one.plan.name} is offline`).join('')
  chapter(`epoch ${number} of traffic${who}`)
  for (const { front } of away) await front.set({ down: true })
  const requestsEach = Math.ceil(plan.requestsEach / 2)
  // In two parts, so that what was charged in the epoch before is a fee before that one is closed.
  for (const half of [0, 1]) {
    const served = await sendRound({
      ...{ requestsEach, number: 2 * number + half, customers, signal },
      urls: () => urlsOf(world),
    })
    const { answered, refused, lost } = served
    stage.say(`${answered} requests answered, ${refused} refused, ${lost} lost`)
    await untilPosted(stage)
    await world.passTime(hour / 2)
    await systemClock.sleep(settleMs, signal)
  }
  await untilProven(stage)
  for (const { front } of away) await front.set({ down: false })
}

/** Until the ledger has all frames: what is used later counts to the epoch that comes. */
async function untilPosted({ world, signal }: Stage): Promise<void> {
  for (const gateway of world.gateways) {
    await untilSo(`the frames of ${gateway.name} are in the books`, signal, async () => {
      const { frames, purses } = (await (
        await fetch(`${gateway.process.adminUrl}/v1/meter`)
      ).json()) as { frames: { stored: number; confirmed: number }; purses: object }
      return purses !== undefined && frames.stored === frames.confirmed
    })
  }
}

/** Until what nodes served before this epoch has receipts in the books: each window is closed when its epoch is over. */
async function untilProven({ world, sql, signal }: Stage): Promise<void> {
  const epoch = await readPart(world.economy, 'params', 'currentEpoch', [])
  let before = -1n
  await untilSo('receipts of the last epoch are in the books', signal, async () => {
    const [row] = await sql<{ sum: string }[]>`
      select coalesce(sum((receipt::json ->> 'creditsSum')::numeric), 0) as sum
      from relay_receipts where epoch < ${epoch}`
    const sum = BigInt(row?.sum ?? 0)
    const isSteady = sum === before && sum > 0n
    before = sum
    await systemClock.sleep(1_500, signal)
    return isSteady
  })
}

/** Turns the clock on until no account has used anything that no root has taken. */
async function untilCharged(stage: Stage): Promise<void> {
  const { sql, signal } = stage
  await inSteps(stage, 24, 'all that was used is charged on chain', async () => {
    const [row] = await sql<{ left: string }[]>`select sum(accrued) as left from holdings`
    return BigInt(row?.left ?? 0) === 0n
  })
  signal.throwIfAborted()
}

async function untilClosed(stage: Stage): Promise<void> {
  const { world, sql } = stage
  const [row] = await sql<{ epoch: string }[]>`select max(epoch) as epoch from epoch_served`
  const last = BigInt(row?.epoch ?? 0)
  await inSteps(stage, 16, `epoch ${last} is posted`, async () => {
    const [latest, any] = await readPart(world.economy, 'epochs', 'latest', [])
    return any && latest >= last
  })
}

async function untilPaid(stage: Stage): Promise<void> {
  const { world, signal } = stage
  const [latest] = await readPart(world.economy, 'epochs', 'latest', [])
  await world.passTime(2 * day)
  await untilChain(world, 'the epoch is active', signal, async () =>
    readPart(world.economy, 'epochs', 'isActive', [latest]),
  )
  const [, payoutsTotal, withheldTotal] = await readPart(world.economy, 'epochs', 'payoutsOf', [
    latest,
  ])
  await untilSo('all payouts are pushed', signal, async () => {
    const paid = await readPart(world.economy, 'distributor', 'paidTotal', [])
    const swept = await readPart(world.economy, 'distributor', 'withheldSwept', [])
    return paid === payoutsTotal && swept === withheldTotal
  })
}

/** What services need to do what has become due. */
const settleMs = 3_000
const stepMs = 4_000

/** Gives services some seconds, then turns the clock half an hour on. */
async function inSteps(
  { world, signal }: Stage,
  stepsMax: number,
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  for (let steps = 0; steps < stepsMax; steps++) {
    const endMs = performance.now() + stepMs
    while (performance.now() < endMs) {
      // What is asked may be away for a moment.
      if (await isSo().catch(() => false)) return
      await systemClock.sleep(200, signal)
    }
    await world.passTime(hour / 2)
  }
  await untilSo(what, signal, isSo)
}
