import { join } from 'node:path'
import { startAccountsProcess } from '../accounts.ts'
import { startBillingProcess } from '../billing.ts'
import { player, privateKeyOf } from '../economy/people.ts'
import { type KeeperProcess, startKeeperProcess } from '../keeper.ts'
import { freePort } from '../ports.ts'
import { startVerifierAgain, startVerifiers } from '../verifiers.ts'
import { Service } from './service.ts'
import type { Parts, World } from './world.ts'

/** Who pays for what the keepers send. */
const keeperAccounts = [7, 8]
/** Epochs wait for their fees by themselves. */
const closeAfterSeconds = 60

export type Services = Pick<
  World,
  'databaseUrl' | 'verifiers' | 'threshold' | 'accounts' | 'billing' | 'keepers'
>

export async function startServices({
  folder,
  chain,
  economy,
  deploymentFile,
  signal,
  stack,
  databaseUrl,
}: Parts & { databaseUrl: string }): Promise<Services> {
  const { deployment, rpc } = economy
  const billingPort = await freePort()
  const billingUrl = `http://127.0.0.1:${billingPort}`
  const logLevel = 'warn'
  const rate = { requestsPerSecond: 10_000, burstRequests: 10_000, hourlyTokensMax: 10_000 }
  const group = await startVerifiers({
    ...{ deployment, signal, folder: join(folder, 'verifiers') },
    sourcesOf: () => chain.nodes.map(({ url }) => url),
    settings: { logLevel, rate, peerTimeoutMs: 30_000, settlement: { billingUrl } },
  })
  const verifiers = group.processes.map((running) =>
    stack.use(Service.of(running.name, running, () => startVerifierAgain(running, { signal }))),
  )
  const { threshold } = group
  const listed = group.processes.map(({ url, address }) => ({ url, address }))
  const [accountsPort, gatewayPort] = [await freePort(), await freePort()]
  const accounts = stack.use(
    await Service.start('the accounts service', () =>
      startAccountsProcess({
        config: {
          ...{ databaseUrl, signIn: { chainId: deployment.chainId, rpcUrl: rpc }, logLevel },
          deposits: {
            ...{ deployment: deploymentFile, verifiers: listed },
            ...{ verifiersMin: threshold, checkIntervalMs: 200 },
          },
        },
        ...{ port: accountsPort, gatewayPort, configFile: join(folder, 'accounts.yaml'), signal },
      }),
    ),
  )
  const credential = 'the-gateways-of-the-market-show-this-one'
  const billing = stack.use(
    await Service.start('the billing service', () =>
      startBillingProcess({
        config: {
          ...{ databaseUrl, creditIntervalMs: 100, chargesIntervalMs: 200, logLevel },
          chain: {
            deployment: deploymentFile,
            rpcUrl: rpc,
            pollIntervalMs: 100,
            termsIntervalMs: 500,
          },
          epochs: { closeAfterSeconds, intervalMs: 300 },
        },
        ...{ port: billingPort, credential, configFile: join(folder, 'billing.yaml'), signal },
      }),
    ),
  )
  const keepers = await startKeepers({ economy, billingUrl, listed, signal, stack })
  return { databaseUrl, verifiers, threshold, accounts, billing, keepers }
}

type KeeperParts = Pick<Parts, 'economy' | 'signal' | 'stack'> & {
  billingUrl: string
  listed: readonly { url: string }[]
}

/** Two, because any number of them may be at it. */
async function startKeepers(parts: KeeperParts): Promise<Service<KeeperProcess>[]> {
  const { economy, billingUrl, listed, signal, stack } = parts
  const keepers: Service<KeeperProcess>[] = []
  for (const [at, payer] of keeperAccounts.entries()) {
    const port = await freePort()
    const service = await Service.start(`keeper ${at + 1}`, () =>
      startKeeperProcess({
        ...{ deployment: economy.deployment, rpcUrl: economy.rpc, billingUrl, port, signal },
        privateKey: privateKeyOf(player(payer)),
        verifiers: listed.map(({ url }) => url),
        config: {
          intervals: { chargesMs: 400, feesMs: 500, epochsMs: 400, backoffMsMax: 2_000 },
          // All of it is to be seen to arrive.
          ankrMin: '0.000000000000000001',
          logLevel: 'warn',
        },
      }),
    )
    keepers.push(stack.use(service))
  }
  return keepers
}
