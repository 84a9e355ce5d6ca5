import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { startAccountsProcess } from '@mooring/testkit/accounts'
import { askOut, type Customer, openCustomers } from '@mooring/testkit/economy/customers'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { freePort } from '@mooring/testkit/ports'
import { startVerifiers, type Verifiers } from '@mooring/testkit/verifiers'
import { bunCommand } from '../servers/pinned-server.ts'
import { untilCredited } from './books.ts'
import { Ledger } from './ledger.ts'
import { leftTokens, type Plan } from './plan.ts'

/** What stays as it is while the rest is broken: the chain, who issues keys, and a node; and the ledger. */
export type World = AsyncDisposable & {
  folder: string
  ledger: Ledger
  /** Members of a gateway's configuration. */
  gatewayConfig: object
  /** Has accounts deposit, get a key each, and most of some deposits asked out; all is in the books then. */
  openAccounts(): Promise<Customer[]>
}

type Context = { signal: AbortSignal; say: (message: string) => void }

/** Starts everything but gateways. */
export async function startWorld(plan: Plan, context: Context): Promise<World> {
  const { signal, say } = context
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-drill-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  // PostgreSQL may run as another user, who must reach its data.
  await chmod(folder, 0o711)
  say('starting a chain with the economy, three verifiers and PostgreSQL …')
  const [chain, postgres, upstreamUrl] = await Promise.all([
    openDepositChain().then((one) => stack.use(one)),
    startPostgres({ folder: join(folder, 'postgres'), signal }).then((one) => stack.use(one)),
    startUpstream((child) => stack.use(child)),
  ])
  const deploymentFile = join(folder, 'deployment.json')
  await writeFile(deploymentFile, formatDeployment(chain.system.deployment))
  const rpcUrl = chain.anvil.url
  const [verifiers, ledger] = await Promise.all([
    startQuietVerifiers(chain, folder, signal).then((one) => stack.use(one)),
    Ledger.start(postgres, { folder, deploymentFile, rpcUrl, plan, signal }).then((one) =>
      stack.use(one),
    ),
  ])
  const owned = stack.move()
  const parts = { plan, chain, verifiers, ledger, deploymentFile }
  return {
    ...{ folder, ledger },
    gatewayConfig: gatewayConfigOf(chain, verifiers, upstreamUrl),
    openAccounts: () => openAccounts(parts, context),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Parts = {
  plan: Plan
  chain: DepositChain
  verifiers: Verifiers
  ledger: Ledger
  deploymentFile: string
}

async function openAccounts(
  { plan, chain, verifiers, ledger, deploymentFile }: Parts,
  { signal, say }: Context,
): Promise<Customer[]> {
  const { depositTokens } = plan
  say(`${plan.accounts} accounts deposit and get a key each …`)
  const order = { count: plan.accounts, amount: depositTokens }
  // Verifiers attest deposits to the accounts service; once they are in the books it is not needed any more.
  const [accounts, customers] = await Promise.all([
    startAccountsProcess({
      config: {
        databaseUrl: ledger.url,
        signIn: { chainId: chain.system.deployment.chainId, rpcUrl: chain.anvil.url },
        deposits: {
          ...{ deployment: deploymentFile, verifiers: listed(verifiers) },
          ...{ verifiersMin: verifiers.threshold, checkIntervalMs: 100 },
        },
        logLevel: 'error',
      },
      signal,
    }),
    openCustomers(chain, verifiers, order),
  ])
  await using _ = accounts
  const starved = customers.slice(0, plan.starved)
  for (const [at, customer] of starved.entries()) {
    await askOut(chain, customer, depositTokens - leftTokens(plan, at))
  }
  await untilCredited(ledger, { plan, signal })
  return customers
}

function listed({ processes }: Verifiers): object[] {
  return processes.map(({ url, address }) => ({ url, address }))
}

function startQuietVerifiers(
  chain: DepositChain,
  folder: string,
  signal: AbortSignal,
): Promise<Verifiers> {
  return startVerifiers({
    deployment: chain.system.deployment,
    sourcesOf: () => chain.nodes.map(({ url }) => url),
    folder,
    settings: {
      logLevel: 'error',
      // A busy machine makes nobody silent.
      peerTimeoutMs: 30_000,
      rate: { requestsPerSecond: 10_000, burstRequests: 10_000, hourlyTokensMax: 10_000 },
    },
    signal,
  })
}

/** @returns Its address. It takes any path. */
async function startUpstream(own: (child: Child) => void): Promise<string> {
  const port = await freePort()
  const [command = '', ...args] = bunCommand('static-upstream.ts', ['--port', String(port)])
  own(await startChild({ name: 'the upstream', command, args }))
  return `http://127.0.0.1:${port}`
}

const requestsPerSecond = 1_000_000_000

function gatewayConfigOf(
  { system: { deployment } }: DepositChain,
  verifiers: Verifiers,
  upstreamUrl: string,
): object {
  const limits = { requestsPerSecond, burstRequests: requestsPerSecond, inFlightMax: 8_192 }
  const upstreams = ['alpha', 'bravo', 'charlie'].map((provider) => ({
    ...{ provider, name: 'one', type: 'archive', inFlightMax: 1_024 },
    url: `${upstreamUrl}/${provider}`,
  }))
  const { chainId, parts } = deployment
  const { threshold } = verifiers
  return {
    tiers: { community: limits, premium: limits },
    shutdownMs: 3_000,
    logLevel: 'warn',
    access: { chainId, ankrEscrow: parts.ankrEscrow, verifiers: listed(verifiers), threshold },
    chains: { local_one: { upstreams } },
  }
}
