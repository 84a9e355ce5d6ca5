import { type Chain, createPublicClient, custom, defineChain, type PublicClient } from 'viem'

export type NodeOptions = { rpcUrl: string; chainId: number; timeoutMs: number; gasMax: number }

/** Asked about wallets that are contracts. Whatever they do is bounded in time, in gas and in bytes. */
export type WalletNode = { open(): NodeClient }

export type NodeClient = {
  client: PublicClient
  /** Whether the node failed to answer: for viem a call without an answer and one that was refused are the same. */
  hasFailed(): boolean
}

/** The code of a contract, as digits, where chains allow several times as much as Ethereum. */
const answerBytesMax = 524_288
const methods: ReadonlySet<string> = new Set(['eth_call', 'eth_getCode'])

/** Of JSON-RPC: the call was not carried out, so that its failure says nothing of the wallet. */
const unaskedCodes: ReadonlySet<number> = new Set([
  -32_700, -32_600, -32_601, -32_602, -32_005, -32_002, -32_001,
])

/** Says that the node gave no answer, and nothing of what it was asked or where it is. */
export class NodeFailure extends Error {
  override name = 'NodeFailure'
}

export function createWalletNode(options: NodeOptions): WalletNode {
  const { chainId } = options
  const chain: Chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'native token', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
  return {
    open() {
      let hasFailed = false
      const request = async ({ method, params }: { method: string; params?: unknown }) => {
        try {
          return await ask(options, method, params)
        } catch (error) {
          if (error instanceof NodeFailure) hasFailed = true
          throw error
        }
      }
      const transport = custom({ request }, { retryCount: 0 })
      // Signatures are chosen by whoever sends them, so no answer is kept and no call is joined with another.
      const client = createPublicClient({ chain, transport, cacheTime: 0 })
      return { client, hasFailed: () => hasFailed }
    },
  }
}

async function ask(options: NodeOptions, method: string, params: unknown): Promise<unknown> {
  if (!methods.has(method) || !Array.isArray(params)) throw new NodeFailure('not asked of a node')
  const asked = method === 'eth_call' ? boundCall(params, options.gasMax) : params
  const answer = await post(options, { jsonrpc: '2.0', id: 1, method, params: asked })
  if (typeof answer !== 'object' || answer === null) throw new NodeFailure('the answer is none')
  const { result, error } = answer as { result?: unknown; error?: { code?: number } }
  if (error !== undefined) {
    if (unaskedCodes.has(error.code ?? 0)) throw new NodeFailure('the node did not take the call')
    // What viem tells a call that failed by. Its text is the node's, and is not passed on.
    throw Object.assign(new Error('the call failed'), { code: error.code ?? -32_603 })
  }
  return result
}

function boundCall(params: readonly unknown[], gasMax: number): unknown[] {
  const [call, ...rest] = params
  return [{ ...Object(call), gas: `0x${gasMax.toString(16)}` }, ...rest]
}

async function post({ rpcUrl, timeoutMs }: NodeOptions, body: object): Promise<unknown> {
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return JSON.parse(await readText(response))
  } catch {
    throw new NodeFailure('the node did not answer')
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new NodeFailure('the answer is too long')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
