import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localTwo } from '@mooring/chains/definitions/local_two'
import { formatDeployment } from '@mooring/onchain/deployment'
import type { Postgres } from '@mooring/store/embedded/postgres'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { systemClock } from '@mooring/telemetry/clock'
import { startLoop } from '@mooring/telemetry/loop'
import { startActor } from '../actor.ts'
import { type Anvil, startAnvil } from '../anvil.ts'
import type { BillingProcess } from '../billing.ts'
import { type DepositChain, openDepositChain } from '../economy/deposit-chain.ts'
import { startMarket } from '../economy/market.ts'
import type { LocalEconomy } from '../economy/start.ts'
import type { GatewayProcess } from '../gateway.ts'
import type { KeeperProcess } from '../keeper.ts'
import type { VerifierProcess } from '../verifiers.ts'
import { startGateways } from './gateways.ts'
import type { MarketPlan } from './plan.ts'
import { openProviders, type Provider } from './providers.ts'
import { Service } from './service.ts'
import { startServices } from './services.ts'
import { untilSo } from './until.ts'

/** Blocks of the settlement chain come by themselves, as elsewhere. */
const blockPauseMs = 250
const actorIntervalMs = 200
/** Deeper than any fork that is played, and some seconds. */
const finalityBlocks = 24
/** A whole network, each part of it a process of its own, before any consumer has come. */
export type World = AsyncDisposable & {
  chain: DepositChain
  economy: LocalEconomy
  /** Of the chain that is served. */
  served: { name: string; anvil: Anvil }
  deploymentFile: string
  databaseUrl: string
  providers: readonly Provider[]
  verifiers: readonly Service<VerifierProcess>[]
  threshold: number
  billing: Service<BillingProcess>
  keepers: readonly Service<KeeperProcess>[]
  gateways: readonly Service<GatewayProcess>[]
  postgres: Service<Postgres>
  accounts: Service
  /** What may be killed. */
  services(): readonly Service[]
  /** Turns the clock of the settlement chain forward. */
  passTime(seconds: number): Promise<void>
}

export type WorldContext = { signal: AbortSignal; say: (step: string) => void }

export async function startWorld(plan: MarketPlan, context: WorldContext): Promise<World> {
  const { signal, say } = context
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-market-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  // PostgreSQL may run as another user, who must reach its data.
  await chmod(folder, 0o711)
  say('two chains, the contracts of the economy, PostgreSQL')
  const [chain, anvil, postgres] = await Promise.all([
    openDepositChain({ finalityBlocks }).then((one) => stack.use(one)),
    startAnvil({ chainId: localTwo.chainId, signal }).then((one) => stack.use(one)),
    startDatabase(join(folder, 'postgres'), signal).then((one) => stack.use(one)),
  ])
  stack.use(
    await startActor({ url: anvil.url, chainId: anvil.chainId, intervalMs: actorIntervalMs }),
  )
  const passTime = startClock(chain, stack)
  const economy = { ...chain.system, rpc: chain.anvil.url }
  const market = startMarket(economy, () => undefined)
  stack.defer(() => market.stop())
  const deploymentFile = join(folder, 'deployment.json')
  await writeFile(deploymentFile, formatDeployment(chain.system.deployment))
  const parts = { plan, folder, chain, economy, deploymentFile, signal, stack }
  say(`${plan.providers.length} providers with their stake, nodes and agents`)
  const served = { name: localTwo.name, anvil }
  const providers = await openProviders(plan.providers, { ...parts, served })
  say('three verifiers, accounts, billing, two keepers')
  const databaseUrl = await postgres.process.createDatabase('market')
  const services = await startServices({ ...parts, databaseUrl })
  say(`${plan.gateways} gateways`)
  const gateways = await startGateways({ ...parts, ...services, served })
  const owned = stack.move()
  const { verifiers, accounts, billing, keepers } = services
  return {
    ...{ chain, economy, served, deploymentFile, databaseUrl, providers, gateways, postgres },
    ...services,
    services: () => [
      ...[...verifiers, accounts, billing, ...keepers, ...gateways, postgres],
      ...providers.map(({ agent }) => agent),
    ],
    passTime,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export type Parts = {
  plan: MarketPlan
  folder: string
  chain: DepositChain
  economy: LocalEconomy
  deploymentFile: string
  signal: AbortSignal
  stack: AsyncDisposableStack
}

async function startDatabase(folder: string, signal: AbortSignal): Promise<Service<Postgres>> {
  const first = await startPostgres({ folder, signal })
  const { port } = first
  return Service.of('PostgreSQL', first, () =>
    againUntilFree(() => startPostgres({ folder, port, signal })),
  )
}

const retryMs = 100
const triesMax = 100

/** Until the sessions of a server that was killed have ended, another one is refused its data. */
async function againUntilFree<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start()
    } catch (error) {
      if (tries === triesMax) throw error
      await systemClock.sleep(retryMs)
    }
  }
}

/**
 * Makes blocks of the settlement chain, and turns its clock.
 *
 * @returns Turns it on by so many seconds, which a fork takes back for a moment at the most.
 */
function startClock(
  chain: DepositChain,
  stack: AsyncDisposableStack,
): (seconds: number) => Promise<void> {
  let wanted = 0n
  const readSeconds = async () => (await chain.system.reader.getBlock()).timestamp
  const turn = async () => {
    const behind = wanted - (await readSeconds())
    if (behind > 0n) await chain.anvil.ask('evm_increaseTime', [Number(behind)])
    await chain.anvil.mine(1)
  }
  const loop = startLoop({
    ...{ pauseMs: blockPauseMs, clock: systemClock },
    onError: () => undefined,
    round: turn,
  })
  stack.defer(() => loop.stop())
  return async (seconds) => {
    const now = await readSeconds()
    wanted = (now > wanted ? now : wanted) + BigInt(seconds)
    await untilSo('the clock of the chain is turned', AbortSignal.timeout(10_000), async () => {
      return (await readSeconds()) >= wanted
    })
  }
}
