import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, describeEnd } from '@mooring/store/embedded/child'
import { lastWords } from '@mooring/store/embedded/last-words'
import type { AccountsProcess } from '../accounts.ts'
import type { BillingProcess } from '../billing.ts'
import { type LocalEconomy, startEconomy } from '../economy/start.ts'
import type { Front } from '../fronts/front.ts'
import { type Steering, startSteering } from '../fronts/steering.ts'
import { type GatewayProcess, startGateway } from '../gateway.ts'
import type { KeeperProcess } from '../keeper.ts'
import { freePort } from '../ports.ts'
import type { VerifierProcess } from '../verifiers.ts'
import { type Access, type AccessOptions, startAccess } from './access.ts'
import { type LocalChain, startLocalChain } from './local-chain.ts'
import { type ChainPlan, chainPlans, gatewayConfigOf } from './plan.ts'

export type LocalNetworkOptions = {
  chains?: readonly ChainPlan[] | undefined
  /** Where `gateway.yaml` is written; a temporary folder by default. */
  folder?: string | undefined
  /** Free ports by default. */
  gatewayPort?: number | undefined
  adminPort?: number | undefined
  networkAdminPort?: number | undefined
  /** Members of the gateway's configuration that replace those of the local network. */
  gatewayConfig?: object | undefined
  actorIntervalMs?: number | undefined
  /**
   * Name of the chain that gets the contracts of the economy, with its verifiers, an accounts and a billing service and a keeper;
   * without it there are none.
   */
  settlementChain?: string | undefined
  /** What the fronts' chance grows from. */
  seed?: number | undefined
  readyTimeoutMs?: number | undefined
  /** Aborted to give the start up; what has started is stopped. */
  signal?: AbortSignal | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /** Told of each process, so that it can be killed whatever else happens. */
  onChild?: ((child: Child) => void) | undefined
  onActorError?: ((chain: string, error: unknown) => void) | undefined
}

export type Progress =
  | { state: 'starting'; step: string }
  | { state: 'ready'; step: string; tookMs: number }

export type LocalNetwork = AsyncDisposable & {
  readonly gateway: GatewayProcess
  readonly steering: Steering
  readonly chains: readonly LocalChain[]
  readonly economy: LocalEconomy | undefined
  readonly verifiers: readonly VerifierProcess[]
  readonly accounts: AccountsProcess | undefined
  readonly billing: BillingProcess | undefined
  readonly keeper: KeeperProcess | undefined
  /** Resolves when a process ends that nobody stopped, with the little of its output that tells most. */
  readonly broken: Promise<Error>
  /** Throws when there is no such front. */
  front(chain: string, provider: string, node: string): Front
  /** Stops everything, the last started first. */
  stop(): Promise<void>
}

/** Starts chains, the nodes before them and a gateway, and waits until the gateway serves every chain. */
export async function startLocalNetwork(options: LocalNetworkOptions = {}): Promise<LocalNetwork> {
  const { signal, onChild, onActorError } = options
  await using stack = new AsyncDisposableStack()
  const folder = options.folder ?? (await temporaryFolder(stack))
  const chains: LocalChain[] = []
  for (const plan of options.chains ?? chainPlans) {
    signal?.throwIfAborted()
    const { name, chainId } = plan.definition
    const chain = await inStep(options, `chain ${name} (anvil, chain id ${chainId})`, () =>
      startLocalChain(plan, {
        seed: options.seed ?? 1,
        actorIntervalMs: options.actorIntervalMs,
        signal,
        onChild,
        onActorError: (error) => onActorError?.(name, error),
      }),
    )
    chains.push(stack.use(chain))
  }
  const economy = await openEconomy(options, chains)
  const fronts = chains.flatMap((chain) => chain.fronts)
  const access =
    economy === undefined
      ? undefined
      : await openAccess(options, { economy, folder, fronts, stack })
  const steering = stack.use(await startSteering({ fronts, port: options.networkAdminPort }))
  const port = options.gatewayPort ?? (await freePort())
  const accessConfig = access?.gatewayConfigFor(`http://127.0.0.1:${port}`)
  const gateway = await inStep(options, `gateway before ${fronts.length} nodes`, () =>
    startGateway({
      config: { ...gatewayConfigOf(fronts), ...accessConfig, ...options.gatewayConfig },
      port,
      adminPort: options.adminPort,
      configFile: join(folder, 'gateway.yaml'),
      comment: ' The gateway of the local network. Written anew at each start of `npx mooring up`.',
      readyTimeoutMs: options.readyTimeoutMs,
      signal,
      onStart: onChild,
    }),
  )
  stack.use(gateway)
  const owned = stack.move()
  const stop = () => owned.disposeAsync()
  const verifiers = access?.verifiers.processes ?? []
  const services =
    access === undefined ? [] : [access.accounts, access.billing, access.keeper, access.postgres]
  return {
    gateway,
    steering,
    chains,
    economy,
    verifiers,
    accounts: access?.accounts,
    billing: access?.billing,
    keeper: access?.keeper,
    broken: Promise.race(
      [gateway, ...verifiers, ...services, ...chains.map(({ anvil }) => anvil)].map(unexpectedEnd),
    ),
    front: (chain, provider, node) => frontOf(fronts, { chain, provider, node }),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function openEconomy(
  options: LocalNetworkOptions,
  chains: readonly LocalChain[],
): Promise<LocalEconomy | undefined> {
  const { settlementChain, signal } = options
  if (settlementChain === undefined) return undefined
  const chain = chains.find(({ name }) => name === settlementChain)
  if (chain === undefined) throw new Error(`there is no chain ${settlementChain} to settle on`)
  signal?.throwIfAborted()
  return inStep(options, `contracts of the economy on ${settlementChain}`, () =>
    startEconomy(chain.anvil),
  )
}

async function openAccess(
  options: LocalNetworkOptions,
  started: Pick<AccessOptions, 'economy' | 'folder' | 'fronts'> & { stack: AsyncDisposableStack },
): Promise<Access> {
  const { settlementChain, signal, onChild } = options
  signal?.throwIfAborted()
  const step =
    'three verifiers, which make a key together, the accounts and the billing service, a keeper'
  const { stack, ...parts } = started
  const fronts = parts.fronts.filter(({ chain }) => chain === settlementChain)
  return stack.use(
    await inStep(options, step, () =>
      startAccess({
        ...{ ...parts, fronts, signal, onChild },
        onMarketError: (error) => options.onActorError?.(settlementChain ?? '', error),
      }),
    ),
  )
}

async function inStep<T>(
  { onProgress }: LocalNetworkOptions,
  step: string,
  run: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now()
  onProgress?.({ state: 'starting', step })
  const value = await run()
  onProgress?.({ state: 'ready', step, tookMs: performance.now() - startedMs })
  return value
}

async function unexpectedEnd(child: Child): Promise<Error> {
  const end = await child.ended
  const what = `${child.name} ended unexpectedly with ${describeEnd(end)}`
  return new Error(`${what}${lastWords(child.tail())}`)
}

function frontOf(
  fronts: readonly Front[],
  wanted: { chain: string; provider: string; node: string },
): Front {
  const { chain, provider, node } = wanted
  const found = fronts.find(
    (front) => front.chain === chain && front.provider === provider && front.node === node,
  )
  if (found === undefined) throw new Error(`there is no front ${chain}/${provider}/${node}`)
  return found
}

async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-network-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}
