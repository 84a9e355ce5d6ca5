import { anvilAccount } from '../anvil.ts'
import {
  membersOf,
  officeNames,
  officer,
  type Person,
  player,
  playerNumbers,
  privateKeyOf,
  type Service,
} from '../economy/people.ts'
import type { LocalNetwork } from './network.ts'
import { demoPremiumKey, faultyNodes, verifierNodesOf } from './plan.ts'

/** What `network.json` holds: where everything is. */
export type NetworkSummary = {
  gateway: string
  admin: string
  networkAdmin: string
  pid: number
  /** Process ids of the children, for drills. */
  processes: Record<string, number>
  premiumKey: string
  /** Where people sign in; undefined where there are no contracts. */
  accounts?: string
  /** Where the books are checked, for operators; undefined where there are none. */
  billing?: string
  /** What is brought to the contracts, for operators; undefined where there are none. */
  keeper?: string
  fundedAccount: { address: string; privateKey: string }
  chains: Record<string, ChainSummary>
  economy?: EconomySummary
}

/** Where the contracts are, and everyone's keys. */
export type EconomySummary = {
  /** A node of the chain they are on. */
  rpc: string
  /** File with their addresses. */
  deployment: string
  /** Where tokens are had. */
  verifiers: string[]
  /** The two nodes that each of them asks, as `provider/node`. */
  verifierNodes: string[][]
  accounts: Record<string, { address: string; privateKey: string }>
}

export type ChainSummary = {
  chainId: number
  endpoint: string
  anvil: string
  demoToken: string
  fronts: { provider: string; node: string; url: string }[]
}

/** @param deployment - File with the addresses of the contracts; undefined where there are none. */
export function summarize(
  network: LocalNetwork,
  pid: number,
  deployment?: string | undefined,
): NetworkSummary {
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
      ...Object.fromEntries(network.verifiers.map(({ pid: id }, at) => [`verifier-${at + 1}`, id])),
      ...(network.accounts === undefined ? {} : { accounts: network.accounts.pid }),
      ...(network.billing === undefined ? {} : { billing: network.billing.pid }),
      ...(network.keeper === undefined ? {} : { keeper: network.keeper.pid }),
    },
    premiumKey: demoPremiumKey,
    ...(network.accounts === undefined ? {} : { accounts: network.accounts.url }),
    ...(network.billing === undefined ? {} : { billing: network.billing.url }),
    ...(network.keeper === undefined ? {} : { keeper: network.keeper.url }),
    fundedAccount: { address, privateKey },
    chains: Object.fromEntries(chains),
    ...(network.economy === undefined || deployment === undefined
      ? {}
      : {
          economy: {
            rpc: network.economy.rpc,
            deployment,
            verifiers: network.verifiers.map((verifier) => verifier.url),
            verifierNodes: verifierNodesIn(network, network.economy.deployment.chainId),
            accounts: accountsOfEconomy(),
          },
        }),
  }
}

function verifierNodesIn({ chains, verifiers }: LocalNetwork, chainId: number): string[][] {
  const nodes = chains.find((chain) => chain.chainId === chainId)?.fronts ?? []
  return verifiers.map((_, at) =>
    verifierNodesOf(nodes, at).map(({ provider, node }) => `${provider}/${node}`),
  )
}

function accountsOfEconomy(): EconomySummary['accounts'] {
  const services: readonly Service[] = ['verifier', 'gateway', 'rateSigner']
  const people: [name: string, person: Person][] = [
    ...playerNumbers.map((number): [string, Person] => [`player-${number}`, player(number)]),
    ...officeNames.map((office): [string, Person] => [office, officer(office)]),
    ...services.flatMap((service) =>
      membersOf(service).map((person, at): [string, Person] => [`${service}-${at + 1}`, person]),
    ),
  ]
  return Object.fromEntries(
    people.map(([name, person]) => [
      name,
      { address: person.address, privateKey: privateKeyOf(person) },
    ]),
  )
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
    ...economyRows(summary),
  ]
  return `The local network is ready.

${rows.map(([label = '', value]) => `  ${label.padEnd(16)}${value}`).join('\n')}

Ask it for the newest block:
  curl -s ${chain?.endpoint} -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'

Let a node fall 20 blocks behind, see its score, and let it recover:
  curl -s -X POST ${steered} -d '{"lagBlocks":20}'
  npx mooring upstreams
  curl -s -X DELETE ${steered}

${economyHint(summary)}Ctrl-C stops everything.
`
}

function economyRows({ economy, accounts, billing, keeper }: NetworkSummary): string[][] {
  if (economy === undefined) return []
  return [
    ['contracts', economy.deployment],
    ['verifiers', economy.verifiers.join('  ')],
    ...(accounts === undefined ? [] : [['accounts', accounts]]),
    ...(billing === undefined
      ? []
      : [['billing admin', `${billing}  (/network, /v1/checks, /metrics)`]]),
    ...(keeper === undefined ? [] : [['keeper admin', `${keeper}  (/v1/chores, /metrics)`]]),
    [
      'players',
      `accounts 1 to ${playerNumbers.length}, with ANKR and dollars; keys in .mooring/network.json`,
    ],
  ]
}

function economyHint({ economy }: NetworkSummary): string {
  if (economy === undefined) return ''
  const key = economy.accounts['player-1']?.privateKey
  return `Become a provider on the local chain (the key is that of player 1):
  export MOORING_PRIVATE_KEY=${key}
  npx mooring provider register --commission 10% --dry-run

See the whole way from a fresh wallet to a premium answer:
  npx mooring demo premium

See the whole way of the money, in a network of its own:
  npx mooring demo market

`
}
