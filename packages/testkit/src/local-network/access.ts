import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatDeployment } from '@mooring/onchain/deployment'
import type { Child } from '@mooring/store/embedded/child'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { type AccountsProcess, startAccountsProcess } from '../accounts.ts'
import { writeKey } from '../agent.ts'
import { type BillingProcess, startBillingProcess } from '../billing.ts'
import { startMarket } from '../economy/market.ts'
import { membersOf, officer, privateKeyOf } from '../economy/people.ts'
import type { LocalEconomy } from '../economy/start.ts'
import type { Front } from '../fronts/front.ts'
import { type KeeperProcess, startKeeperProcess } from '../keeper.ts'
import { freePort } from '../ports.ts'
import { startVerifiers, type Verifiers } from '../verifiers.ts'
import { verifierNodesOf } from './plan.ts'

export type AccessOptions = {
  economy: LocalEconomy
  /** Where what they keep and their configurations are. */
  folder: string
  /** Nodes of the chain of the contracts. */
  fronts: readonly Front[]
  signal?: AbortSignal | undefined
  onChild?: ((child: Child) => void) | undefined
  /** Told when the rate could not be kept fresh; it is tried again. */
  onMarketError?: ((error: unknown) => void) | undefined
}

/**
 * Who decides whose a key is, and what is left on its account: the verifiers, the accounts service and the billing
 * service, and the keeper, which brings to the contracts what comes of it; and what a gateway has to know of them and of the contracts.
 */
export type Access = AsyncDisposable & {
  verifiers: Verifiers
  accounts: AccountsProcess
  billing: BillingProcess
  keeper: KeeperProcess
  /** The database of both services, which is gone when it stops. */
  postgres: Postgres
  /**
   * Members of a gateway's configuration.
   *
   * @param publicUrl - What its consumers call.
   */
  gatewayConfigFor(publicUrl: string): object
}

/** Somebody watches. */
const keeperIntervals = { chargesMs: 2_000, feesMs: 5_000, epochsMs: 2_000, upkeepMs: 10_000 }

export async function startAccess(options: AccessOptions): Promise<Access> {
  const { economy, fronts, signal, onChild } = options
  const { deployment, rpc } = economy
  await using stack = new AsyncDisposableStack()
  const folder = join(options.folder, 'verifiers')
  const meterFolder = join(options.folder, 'meter')
  const receiptsFolder = join(options.folder, 'receipts')
  // What they kept is of a chain that is gone, and so is what a gateway had not told.
  for (const kept of [folder, meterFolder, receiptsFolder])
    await rm(kept, { recursive: true, force: true })
  const sourcesOf = (at: number) => verifierNodesOf(fronts, at).map(({ url }) => url)
  const credential = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
  const billingPort = await freePort()
  const settings = {
    services: [{ name: 'accounts', credential }],
    settlement: { billingUrl: `http://127.0.0.1:${billingPort}` },
  }
  const common = { deployment, settings, signal, onStart: onChild }
  const verifiers = stack.use(await startVerifiers({ ...common, sourcesOf, folder }))
  const postgres = stack.use(await startPostgres({ signal }))
  onChild?.(postgres)
  const deploymentFile = join(folder, 'deployment.json')
  await writeFile(deploymentFile, formatDeployment(deployment))
  const databaseUrl = await postgres.createDatabase('accounts')
  const accounts = stack.use(
    await startAccountsProcess({
      config: {
        databaseUrl,
        signIn: { chainId: deployment.chainId, rpcUrl: rpc },
        deposits: {
          deployment: deploymentFile,
          verifiers: verifiers.processes.map(({ url, address }) => ({ url, address, credential })),
          verifiersMin: verifiers.threshold,
          checkIntervalMs: 500,
          revocationIntervalMs: 500,
        },
        // Webhooks to this machine, to try them out.
        alerts: { signingKey: randomBytes(32).toString('hex'), allowLoopback: true },
      },
      configFile: join(options.folder, 'accounts.yaml'),
      signal,
      onStart: onChild,
    }),
  )
  const market = startMarket(economy, (error) => options.onMarketError?.(error))
  stack.defer(() => market.stop())
  const billing = stack.use(
    await startBillingProcess({
      config: {
        databaseUrl,
        chain: { deployment: deploymentFile, rpcUrl: rpc, pollIntervalMs: 200 },
      },
      port: billingPort,
      configFile: join(options.folder, 'billing.yaml'),
      signal,
      onStart: onChild,
    }),
  )
  const keeper = stack.use(await startOwnKeeper(options, { verifiers, billing }))
  const identity = await writeIdentity(folder)
  const owned = stack.move()
  return {
    ...{ verifiers, accounts, billing, keeper, postgres },
    gatewayConfigFor: (publicUrl) =>
      gatewayConfigOf({
        ...{ publicUrl, deployment, deploymentFile, rpc, verifiers, accounts, billing },
        ...{ meterFolder, identity: { ...identity, directory: receiptsFolder } },
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Known = Pick<Access, 'verifiers' | 'accounts' | 'billing'> &
  Pick<LocalEconomy, 'deployment' | 'rpc'> & {
    publicUrl: string
    deploymentFile: string
    meterFolder: string
    identity: { keyFile: string; password: string; directory: string }
  }

function gatewayConfigOf(known: Known): object {
  const { publicUrl, deployment, deploymentFile, rpc, meterFolder, identity } = known
  const { verifiers, accounts, billing } = known
  return {
    access: {
      chainId: deployment.chainId,
      ankrEscrow: deployment.parts.ankrEscrow,
      verifiers: verifiers.processes.map(({ url, address }) => ({ url, address })),
      threshold: verifiers.threshold,
      accounts: { url: accounts.gatewayUrl, credential: accounts.gatewayCredential },
      publicUrl,
    },
    meter: {
      billing: { url: billing.url, credential: billing.credential },
      instance: 'local',
      directory: meterFolder,
    },
    // A member of the set of gateways: agents of nodes open sessions for it.
    identity: { ...identity, deployment: deploymentFile, rpc },
    // Whoever registers a node on the contracts' chain finds it served, wherever on this machine it is.
    market: {
      deployment: deploymentFile,
      rpcUrls: [rpc],
      pollIntervalMs: 200,
      allowPrivateAddresses: true,
    },
  }
}

async function writeIdentity(folder: string): Promise<{ keyFile: string; password: string }> {
  const [member] = membersOf('gateway')
  if (member === undefined) throw new Error('there is no gateway in the local economy')
  const { file: keyFile, password } = await writeKey(folder, privateKeyOf(member))
  return { keyFile, password }
}

function startOwnKeeper(
  { economy, folder, signal, onChild }: AccessOptions,
  { verifiers, billing }: Pick<Access, 'verifiers' | 'billing'>,
): Promise<KeeperProcess> {
  return startKeeperProcess({
    ...{ deployment: economy.deployment, rpcUrl: economy.rpc, billingUrl: billing.url },
    privateKey: privateKeyOf(officer('keeper')),
    verifiers: verifiers.processes.map(({ url }) => url),
    config: { intervals: keeperIntervals },
    configFile: join(folder, 'keeper.yaml'),
    signal,
    onStart: onChild,
  })
}
