import { anvilAccount } from '../anvil.ts'
import type { LocalNetwork } from './network.ts'
import { demoPremiumKey, faultyNodes } from './plan.ts'

/** What `network.json` holds: where everything is. */
export type NetworkSummary = {
  gateway: string
  admin: string
  networkAdmin: string
  pid: number
  /** Process ids of the children, for drills. */
  processes: Record<string, number>
  premiumKey: string
  fundedAccount: { address: string; privateKey: string }
  chains: Record<string, ChainSummary>
}

export type ChainSummary = {
  chainId: number
  endpoint: string
  anvil: string
  demoToken: string
  fronts: { provider: string; node: string; url: string }[]
}

export function summarize(network: LocalNetwork, pid: number): NetworkSummary {
  const { url, adminUrl } = network.gateway
  const chains = network.chains.map(({ name, chainId, anvil, actor, fronts }) => [
    name,
    {
      chainId,
      endpoint: `${url}/${name}`,
      anvil: anvil.url,
      demoToken: actor.tokenAddress,
      fronts: fronts.map((front) => ({
        provider: front.provider,
        node: front.node,
        url: front.url,
      })),
    },
  ])
  const { address, privateKey } = anvilAccount
  return {
    gateway: url,
    admin: adminUrl,
    networkAdmin: network.steering.url,
    pid,
    processes: {
      gateway: network.gateway.pid,
      ...Object.fromEntries(network.chains.map(({ name, anvil }) => [name, anvil.pid])),
    },
    premiumKey: demoPremiumKey,
    fundedAccount: { address, privateKey },
    chains: Object.fromEntries(chains),
  }
}

export function summaryText(summary: NetworkSummary): string {
  const { gateway, admin, networkAdmin, fundedAccount } = summary
  const chains = Object.entries(summary.chains)
  const [[name, chain] = ['', undefined]] = chains
  const front = chain?.fronts[0]
  const steered = `${networkAdmin}/fronts/${name}/${front?.provider}/${front?.node}`
  const rows = [
    ['page', `${gateway}/`],
    ...chains.map(([chainName, { endpoint, chainId }]) => [
      chainName,
      `${endpoint}  (chain id ${chainId})`,
    ]),
    ['nodes', `${chain?.fronts.length} for each chain`],
    ...Object.entries(faultyNodes).map(([node, { does }]) => ['', `${node} ${does}`]),
    ['premium key', `${summary.premiumKey}  (${chain?.endpoint}/${summary.premiumKey})`],
    ['gateway admin', `${admin}  (/ready, /metrics, /v1/upstreams)`],
    ['network admin', `${networkAdmin}  (/fronts, /faults)`],
    ['funded account', fundedAccount.address],
    ['its private key', `${fundedAccount.privateKey}  (known to everyone: for local chains only)`],
  ]
  return `The local network is ready.

${rows.map(([label = '', value]) => `  ${label.padEnd(16)}${value}`).join('\n')}

Ask it for the newest block:
  curl -s ${chain?.endpoint} -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'

Let a node fall 20 blocks behind, see its score, and let it recover:
  curl -s -X POST ${steered} -d '{"lagBlocks":20}'
  npx mooring upstreams
  curl -s -X DELETE ${steered}

Ctrl-C stops everything.
`
}
