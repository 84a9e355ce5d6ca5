import { exchange, isRecord, parseJson } from '../../../http.ts'
import { eventually } from './chain.ts'
import { assertShown, DemoFailure, type Stage } from './stage.ts'

/** Served to premium callers alone. */
export const premiumMethod = { method: 'debug_traceBlockByNumber', params: ['latest', {}] }
const plainMethod = { method: 'eth_blockNumber', params: [] }

export type Asking = {
  /** Where the request goes; the chain's community endpoint by default. */
  url?: string
  headers?: Record<string, string>
  request?: { method: string; params: unknown }
}

/** Sends one request to the gateway as a program would. @returns Its HTTP status and whether it is an answer. */
export async function askGateway(
  stage: Stage,
  { url = chainUrlOf(stage), headers = {}, request = plainMethod }: Asking,
): Promise<{ status: number; isAnswer: boolean }> {
  const reply = await exchange(stage.context, url, {
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
    },
    signal: stage.signal,
  })
  if (!reply.ok) throw new DemoFailure(`the gateway does not answer: ${reply.detail}`)
  const body = parseJson(reply.text)
  return { status: reply.status, isAnswer: isRecord(body) && 'result' in body }
}

export function chainUrlOf({ network }: Stage): string {
  return `${network.gateway}/${network.chain}`
}

/** A request that only premium callers may make is answered. */
export async function assertPremium(stage: Stage, asking: Asking): Promise<void> {
  const { status, isAnswer } = await askGateway(stage, { ...asking, request: premiumMethod })
  assertShown(isAnswer, `a premium request was not answered (HTTP ${status})`)
}

export async function assertRefused(stage: Stage, asking: Asking, what: string): Promise<number> {
  const { status } = await askGateway(stage, asking)
  assertShown(status === 401 || status === 403, `${what} was answered with HTTP ${status}`)
  return status
}

/** The gateway hears of a change by itself; how long that takes at most is stated. */
export function untilStatus(
  stage: Stage,
  asking: Asking,
  { isServed, what }: { isServed: boolean; what: string },
): Promise<number> {
  const attempt = async () => {
    const { status } = await askGateway(stage, asking)
    const isWanted = isServed ? status === 200 : status === 401 || status === 403
    return isWanted ? status : undefined
  }
  return eventually(stage, attempt, {
    what: `${what} is ${isServed ? 'still refused' : 'still served'}`,
  })
}

/** What a key's endpoint is, with the key in it. */
export async function endpointFor(stage: Stage, name: string, ...more: string[]): Promise<string> {
  const args = ['keys', 'show', name, '--show', '--chain', stage.network.chain, ...more]
  return (await stage.mooring(args)).stdout.trim()
}

export async function rawTokenOf(stage: Stage, name: string): Promise<string> {
  return (await stage.mooring(['token', 'show', name, '--raw'])).stdout.trim()
}
