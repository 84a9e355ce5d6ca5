import { join } from 'node:path'
import { writeKey } from '../agent.ts'
import { membersOf, privateKeyOf } from '../economy/people.ts'
import { type GatewayProcess, startGateway } from '../gateway.ts'
import { freePort } from '../ports.ts'
import { Service } from './service.ts'
import type { Services } from './services.ts'
import type { Parts, World } from './world.ts'

export async function startGateways(
  parts: Parts & Services & Pick<World, 'served'>,
): Promise<Service<GatewayProcess>[]> {
  const { plan, folder, economy, deploymentFile, signal, stack, served, ...rest } = parts
  const { verifiers, threshold, billing } = rest
  const limits = { requestsPerSecond: 10_000, burstRequests: 10_000, inFlightMax: 8_192 }
  const { chainId, parts: contracts } = economy.deployment
  const gateways: Service<GatewayProcess>[] = []
  for (let at = 0; at < plan.gateways; at++) {
    const member = membersOf('gateway')[at]
    if (member === undefined) throw new Error(`there is no key for gateway ${at + 1}`)
    const key = await writeKey(folder, privateKeyOf(member))
    const name = `gateway-${at + 1}`
    const config = {
      tiers: { community: limits, premium: limits },
      ...{ shutdownMs: 3_000, logLevel: 'warn' },
      access: {
        ...{ chainId, ankrEscrow: contracts.ankrEscrow, threshold },
        verifiers: verifiers.map(({ process: { url, address } }) => ({ url, address })),
      },
      meter: {
        billing: { url: billing.process.url, credential: billing.process.credential },
        ...{ instance: name, directory: join(folder, `${name}-meter`) },
      },
      identity: {
        ...{ keyFile: key.file, password: key.password, deployment: deploymentFile },
        ...{ rpc: economy.rpc, directory: join(folder, `${name}-receipts`) },
      },
      market: {
        ...{ deployment: deploymentFile, rpcUrls: [economy.rpc], pollIntervalMs: 200 },
        allowPrivateAddresses: true,
      },
      // All that serves is found on chain.
      chains: { [served.name]: { pollIntervalMs: 200 } },
    }
    const ports = { port: await freePort(), adminPort: await freePort() }
    const configFile = join(folder, `${name}.yaml`)
    const service = await Service.start(name, () =>
      startGateway({ ...ports, config, configFile, waitFor: 'health', signal }),
    )
    gateways.push(stack.use(service))
  }
  return gateways
}
