import type { ChainDefinition } from '@mooring/chains/chain'
import { encodeQuantity, parseBlockNumber, parseQuantity } from '@mooring/protocol/quantity'
import { definitionWithId } from '../chain-names.ts'
import type { Context } from '../context.ts'
import type { ExitName } from '../exit-codes.ts'
import { type RpcReply, requestRpc } from '../json-rpc.ts'
import { hostOf, type UpstreamWish } from './upstream.ts'

const timeoutMs = 5_000
const latencySamples = 3
const zeroAddress = `0x${'0'.repeat(40)}`

/** What a live look at an upstream showed. */
export type Finding =
  | { ok: true; upstream: FoundUpstream }
  | { ok: false; wish: UpstreamWish; exit: ExitName; problem: string }

export type FoundUpstream = {
  definition: ChainDefinition
  provider: string
  url: string
  /** archive when it still has the state of the first block. */
  type: 'archive' | 'full'
  headBlock: number
  latencyMs: number
}

/** Asks the upstream which chain it serves, how far it is, how fast it answers and how old its state is. */
export async function examineUpstream(context: Context, wish: UpstreamWish): Promise<Finding> {
  const ask = (method: string, params: unknown[]) =>
    requestRpc(context, { url: wish.liveUrl, timeoutMs }, { method, params })
  const failed = (exit: ExitName, problem: string): Finding => ({ ok: false, wish, exit, problem })

  const identity = await ask('eth_chainId', [])
  const chainId = quantityOf(identity)
  if (chainId === undefined) return failed('unreachable', problemOf(identity, 'eth_chainId'))
  const definition = wish.definition ?? definitionWithId(chainId)
  if (definition === undefined) return failed('badInput', unknownChain(chainId))
  if (definition.chainId !== chainId) return failed('badInput', wrongChain(definition, chainId))

  const height = await ask('eth_blockNumber', [])
  const headBlock = quantityOf(height)
  if (headBlock === undefined) return failed('unreachable', problemOf(height, 'eth_blockNumber'))
  const latencyMs = await latencyOf(() => ask('eth_blockNumber', []))
  const oldState = await ask('eth_getBalance', [zeroAddress, encodeQuantity(1)])
  const isArchive = oldState.kind === 'result' && parseQuantity(oldState.result) !== undefined
  const type = isArchive ? 'archive' : 'full'
  const { provider, url } = wish
  return { ok: true, upstream: { definition, provider, url, type, headBlock, latencyMs } }
}

/** The middle of a few, since the first answers may still wait for a connection. */
async function latencyOf(ask: () => Promise<unknown>): Promise<number> {
  const samples: number[] = []
  for (let sample = 0; sample < latencySamples; sample++) {
    const startedAtMs = performance.now()
    await ask()
    samples.push(performance.now() - startedAtMs)
  }
  const middle = samples.toSorted((a, b) => a - b)[Math.floor(latencySamples / 2)]
  return middle ?? 0
}

function quantityOf(reply: RpcReply): number | undefined {
  return reply.kind === 'result' ? parseBlockNumber(reply.result) : undefined
}

function problemOf(reply: RpcReply, method: string): string {
  switch (reply.kind) {
    case 'unreachable':
      return reply.detail
    case 'malformed':
      return `answered ${method} with HTTP ${reply.status}, but not with JSON-RPC`
    case 'error':
      return `answered ${method} with error ${reply.error.code}: ${reply.error.message}`
    case 'result':
      return `answered ${method} with something that is not a number`
  }
}

function unknownChain(chainId: number): string {
  return (
    `serves chain id ${chainId}, which Mooring does not know: describe the chain under \`definition\` ` +
    'in the configuration, as docs/gateway.example.yaml shows'
  )
}

function wrongChain(definition: ChainDefinition, chainId: number): string {
  const actual = definitionWithId(chainId)
  const name = actual === undefined ? '' : ` (${actual.name})`
  return `serves chain id ${chainId}${name}, but ${definition.name} is ${definition.chainId}`
}

export function describeFinding(finding: Finding): string {
  if (!finding.ok) return `${hostOf(finding.wish.url)}: ${finding.problem}`
  const { definition, url, provider, type, headBlock, latencyMs } = finding.upstream
  const facts = [
    definition.name,
    provider,
    `head ${headBlock}`,
    `${Math.round(latencyMs)} ms`,
    type,
  ]
  return `${hostOf(url)}: ${facts.join(', ')}`
}
