import { systemClock } from '@mooring/telemetry/clock'
import { askNode } from '../ask-node.ts'
import type { Random } from '../random.ts'
import type { Ask } from './ask.ts'
import { failureOf } from './failures.ts'
import { type Faults, healthy } from './faults.ts'
import type { Fork } from './fork.ts'
import { forked } from './forked.ts'
import { lagging } from './lagging.ts'
import { listenAgain } from './listen-again.ts'
import { claimingChain, lying } from './lying.ts'
import { pruned } from './pruned.ts'
import { type FrontCall, type RequestBody, readBody, writeAnswers } from './request-body.ts'

const nodeTimeoutMs = 30_000
const requestBytesMax = 16 * 1_048_576
/** Distinct method names that are counted; anything past them is counted as `other`. */
const countedMethodsMax = 256

/** What is asked to learn a node's height and chain, apart from consumers' requests. */
const pollMethods: ReadonlySet<string> = new Set([
  'eth_blockNumber',
  'eth_chainId',
  'net_version',
  'eth_syncing',
])

export type FrontOptions = {
  chain: string
  provider: string
  node: string
  nodeUrl: string
  /** The chance that `failRatio` and `jitterMs` are decided by. */
  random: Random
  /** Where the front answers from while `fork` is set. */
  fork?: Fork | undefined
  faults?: Partial<Faults> | undefined
  port?: number | undefined
}

/** Plays one node of one provider: passes requests to a real node, with faults. */
export type Front = AsyncDisposable & {
  readonly chain: string
  readonly provider: string
  readonly node: string
  /** Stays the same while the front goes down and comes back. */
  readonly url: string
  readonly faults: Readonly<Faults>
  /** Requests received since the start by method; each member of a batch counts. */
  readonly requests: Readonly<Record<string, number>>
  readonly requestsTotal: number
  /** Changes the named faults and leaves the others. Resolves when they are in force. */
  set(change: Partial<Faults>): Promise<void>
  /** Back to the faults it started with. */
  reset(): Promise<void>
  stop(): Promise<void>
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const { chain, provider, node } = options
  const initial: Faults = { ...healthy, ...options.faults }
  let faults = initial
  const requests: Record<string, number> = {}
  let requestsTotal = 0
  const stopping = new AbortController()
  const count = ({ method }: FrontCall) => {
    requestsTotal++
    const isCounted = method in requests || Object.keys(requests).length < countedMethodsMax
    const name = isCounted ? method : 'other'
    requests[name] = (requests[name] ?? 0) + 1
  }
  const serve = async (request: Request) => {
    const text = await request.text()
    const body = readBody(text)
    body?.calls.forEach(count)
    const released = AbortSignal.any([request.signal, stopping.signal])
    return answer(text, body, { options, faults, released })
  }
  const listener = await listenAgain(
    {
      maxRequestBodySize: requestBytesMax,
      fetch: serve,
      error: (error) => new Response(`bad gateway: ${error.message}`, { status: 502 }),
    },
    options.port,
  )
  if (faults.down) await listener.close()
  const set = async (change: Partial<Faults>) => {
    faults = { ...faults, ...change }
    await (faults.down ? listener.close() : listener.open())
  }
  const stop = async () => {
    stopping.abort()
    await listener.stop()
  }
  return {
    chain,
    provider,
    node,
    url: listener.url,
    get faults() {
      return faults
    },
    requests,
    get requestsTotal() {
      return requestsTotal
    },
    set,
    reset: () => set(initial),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

type Situation = {
  options: FrontOptions
  faults: Readonly<Faults>
  /** Aborted when nobody waits for the answer any more. */
  released: AbortSignal
}

async function answer(
  text: string,
  body: RequestBody | undefined,
  situation: Situation,
): Promise<Response> {
  const { faults, released } = situation
  const { random } = situation.options
  if (stalls(faults, body)) {
    await untilAborted(released)
    return new Response(null, { status: 503 })
  }
  const delayMs = faults.delayMs + (faults.jitterMs > 0 ? faults.jitterMs * random() : 0)
  if (delayMs > 0) await systemClock.sleep(delayMs, released)
  if (body === undefined) return passOn(text, await nodeOf(situation), released)
  if (fails(faults, body, random)) {
    return failureOf(faults.failWith, {
      honest: async () => writeAnswers(body, await answersOf(body, situation)),
      answerAll: (one) =>
        writeAnswers(
          body,
          body.calls.map(() => one),
        ),
    })
  }
  if (!altersContent(faults)) return passOn(text, await nodeOf(situation), released)
  return new Response(writeAnswers(body, await answersOf(body, situation)), {
    headers: { 'content-type': 'application/json' },
  })
}

function stalls(faults: Readonly<Faults>, body: RequestBody | undefined): boolean {
  if (faults.stall) return true
  return faults.stallConsumers && !(body?.calls.every(isPoll) ?? false)
}

/** Polls draw no chance, so which of the consumers' requests fail does not hang on when polls come. */
function fails({ failRatio }: Readonly<Faults>, body: RequestBody, random: Random): boolean {
  if (failRatio === 0 || failRatio === 1) return failRatio === 1
  return !body.calls.every(isPoll) && random() < failRatio
}

function isPoll({ method, params }: FrontCall): boolean {
  return pollMethods.has(method) || (method === 'eth_getBlockByNumber' && params[0] === 'latest')
}

function altersContent(faults: Readonly<Faults>): boolean {
  const { fork, lagBlocks, pruneBelowBlock, lie, wrongChainId } = faults
  return (
    fork || lagBlocks > 0 || pruneBelowBlock !== null || lie !== 'none' || wrongChainId !== null
  )
}

async function answersOf(body: RequestBody, situation: Situation) {
  const { faults, released } = situation
  const url = await nodeOf(situation)
  let ask: Ask = (method, params) =>
    askNode(url, { method, params }, { timeoutMs: nodeTimeoutMs, signal: released })
  if (faults.fork) ask = forked(ask)
  if (faults.lagBlocks > 0) ask = await lagging(ask, faults.lagBlocks)
  if (faults.pruneBelowBlock !== null) ask = pruned(ask, faults.pruneBelowBlock)
  if (faults.lie !== 'none') ask = lying(ask, faults.lie)
  if (faults.wrongChainId !== null) ask = claimingChain(ask, faults.wrongChainId)
  return Promise.all(body.calls.map(({ method, params }) => ask(method, params)))
}

async function nodeOf({ faults, options }: Situation): Promise<string> {
  if (!faults.fork) return options.nodeUrl
  if (options.fork === undefined) throw new Error('this front has no fork to answer from')
  return options.fork.url()
}

async function passOn(text: string, url: string, released: AbortSignal): Promise<Response> {
  const answered = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
    signal: AbortSignal.any([released, AbortSignal.timeout(nodeTimeoutMs)]),
  })
  return new Response(await answered.text(), {
    status: answered.status,
    headers: { 'content-type': answered.headers.get('content-type') ?? 'application/json' },
  })
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
