import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord } from '../http.ts'
import { locate, readNetwork } from '../locations.ts'
import type { KeyFile } from './key-file.ts'

export type EndpointOptions = { gateway?: string; chain?: string }

/** Options of commands that say where requests go. */
export const endpointOptions = {
  '--gateway <url>': 'the gateway (default: MOORING_GATEWAY, or the local network)',
  '--chain <name>': "which chain (default: the local network's first, else eth)",
} as const

export const keyMask = '<key>'
const chainForm = /^[a-z0-9_-]{1,64}$/

/** A URL of a gateway for one chain, without a key. */
export function chainUrlOf(context: Context, options: EndpointOptions): string {
  const { url } = locate(context, 'gateway', options.gateway)
  const chain = options.chain ?? firstChain(context) ?? 'eth'
  if (chainForm.test(chain)) return `${url}/${chain}`
  throw new CommandError(
    'badInput',
    `${JSON.stringify(chain)} is no name of a chain: \`npx mooring chains\` lists them.`,
  )
}

/** What requests are sent to; the key stands in it where it belongs to the path and was asked for. */
export function endpointOf(chainUrl: string, { material }: KeyFile, isShown: boolean): string {
  if (material.delivery !== 'key') return chainUrl
  return `${chainUrl}/${isShown ? material.key : keyMask}`
}

/**
 * A first request with a key, as people type it. Holds no secret, and hands none over as an argument, which other users
 * of the machine can list: the headers come through a pipe.
 */
export function curlOf(chainUrl: string, { name, material }: KeyFile): string {
  const [gateway, chain] = [new URL(chainUrl).origin, chainUrl.split('/').at(-1)]
  // A proof is for the address that it is sent to.
  const where = material.delivery === 'proof' ? ` --gateway ${gateway} --chain ${chain}` : ''
  const body = `-d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'`
  return `npx mooring keys show ${name} --headers${where} | curl -s ${chainUrl} -H @- ${body}`
}

function firstChain(context: Context): string | undefined {
  const chains = readNetwork(context)?.urls.chains
  return isRecord(chains) ? Object.keys(chains)[0] : undefined
}
