import type { Context } from '../../../context.ts'
import { CommandError } from '../../../exit-codes.ts'
import { isRecord } from '../../../http.ts'
import { readNetwork } from '../../../locations.ts'

/** What the demo needs of a running local network, from its `network.json`. */
export type DemoNetwork = {
  gateway: string
  networkAdmin: string
  accounts: string
  /** Name of the chain that the contracts are on; the gateway serves it. */
  chain: string
  rpc: string
  deployment: string
  verifiers: readonly DemoVerifier[]
  /** Pays for gas. */
  funder: `0x${string}`
  /** Holds tokens. */
  holder: `0x${string}`
}

export type DemoVerifier = {
  url: string
  pid: number
  /** The nodes it asks, as `provider/node`. */
  nodes: readonly string[]
}

/** Refuses where no local network runs that has everything in it. */
export function demoNetworkOf(context: Context): DemoNetwork {
  const urls = readNetwork(context)?.urls
  const network = urls === undefined ? undefined : networkIn(urls)
  if (network !== undefined) return network
  throw new CommandError(
    'unreachable',
    'No local network runs here that the demo could be shown on: start one with `npm start`, and run this beside it.',
  )
}

function networkIn(urls: Readonly<Record<string, unknown>>): DemoNetwork | undefined {
  const { gateway, networkAdmin, accounts, economy, chains, processes, fundedAccount, pid } = urls
  const isThere = typeof pid === 'number' && isAlive(pid)
  if (!isThere || !isRecord(economy) || !isRecord(chains) || !isRecord(processes)) return undefined
  const { rpc, deployment, verifiers, verifierNodes, accounts: people } = economy
  const holder = isRecord(people) ? people['player-1'] : undefined
  const keys = [keyIn(fundedAccount), keyIn(holder)] as const
  const chain = Object.entries(chains).find(([, one]) => isRecord(one) && one.anvil === rpc)?.[0]
  if (!Array.isArray(verifiers) || !Array.isArray(verifierNodes)) return undefined
  const texts = [gateway, networkAdmin, accounts, rpc, deployment, ...verifiers]
  const isWhole = texts.every((text) => typeof text === 'string') && chain !== undefined
  if (!isWhole || keys[0] === undefined || keys[1] === undefined) return undefined
  const parts = { gateway, networkAdmin, accounts, rpc, deployment } as Record<string, string>
  return {
    // All of them were found to be texts above.
    ...(parts as Pick<DemoNetwork, 'gateway' | 'networkAdmin' | 'accounts' | 'rpc' | 'deployment'>),
    ...{ chain, funder: keys[0], holder: keys[1] },
    verifiers: verifiers.map((url, at) => ({
      url: String(url),
      pid: Number(processes[`verifier-${at + 1}`]),
      nodes: Array.isArray(verifierNodes[at]) ? verifierNodes[at].map(String) : [],
    })),
  }
}

function keyIn(account: unknown): `0x${string}` | undefined {
  const key = isRecord(account) ? account.privateKey : undefined
  return typeof key === 'string' && /^0x[0-9a-f]{64}$/.test(key)
    ? (key as `0x${string}`)
    : undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
