import type { TraceReport } from '@mooring/protocol/reports/trace'
import type { Command } from 'commander'
import { fetchTrace, isAdminPort } from '../admin.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { examples } from '../help.ts'
import { isRecord } from '../http.ts'
import { type RpcError, type RpcReply, requestRpc } from '../json-rpc.ts'
import { type Location, locate, locateAdminOf, unreachable } from '../locations.ts'
import { parseParams } from '../params.ts'
import { writeJson } from '../terminal/json.ts'
import { formatTrace } from '../trace.ts'

/** Longer than the gateway's own deadline for its slowest methods. */
const timeoutMs = 120_000
const excerptCharsMax = 200
/** As in a gateway's configuration: any other key is unknown everywhere. */
const keyPattern = /^[A-Za-z0-9_-]{16,128}$/

type CallOptions = { trace?: true; key?: string; gateway?: string; admin?: string; json?: true }
type Call = { chain: string; method: string; params: unknown[] }
type Answer = Extract<RpcReply, { kind: 'result' | 'error' }>
type Traced = { trace: TraceReport } | { failure: CommandError }

export function addCallCommand(program: Command, context: Context): void {
  program
    .command('call')
    .summary('send one request through the gateway')
    .description(
      'Send one JSON-RPC request through the gateway and print its result. Each param is a JSON value, ' +
        'or a bare word taken as a string; a single JSON array is the whole of the params. A string that ' +
        'reads as JSON needs its quotes: \'"true"\'.',
    )
    .argument('<chain>', 'chain name, as in the path of the endpoint')
    .argument('<method>', 'RPC method')
    .argument('[params...]', 'its params')
    .option('--trace', 'say on stderr which upstreams were asked, and why')
    .option(
      '--key <key>',
      'API key; better in MOORING_KEY, as others on the machine can list options',
    )
    .option('--gateway <url>', 'the gateway (default: MOORING_GATEWAY, or the local network)')
    .option(
      '--admin <url>',
      'its admin port, which --trace asks (default: MOORING_ADMIN, or the local network; needed when another gateway is named)',
    )
    .option('--json', 'print result or error, trace id and trace as one JSON object')
    .addHelpText(
      'before',
      examples(
        'npx mooring call eth eth_blockNumber',
        'npx mooring call eth eth_getBalance 0x0000000000000000000000000000000000000000 latest --trace',
        `npx mooring call eth eth_getLogs '{"fromBlock":"0x10","toBlock":"0x20"}' --json`,
      ),
    )
    .action((chain: string, method: string, words: string[], options: CallOptions) =>
      call(context, { chain, method, params: parseParams(words) }, options),
    )
}

async function call(context: Context, request: Call, options: CallOptions): Promise<void> {
  const gateway = locate(context, 'gateway', options.gateway)
  const key = keyOf(context, options)
  const admin = options.trace ? locateAdminOf(context, gateway, options) : undefined
  const reply = await send(context, gateway, request, { key, isTraced: admin !== undefined })
  if (reply.kind === 'unreachable') throw unreachable('gateway', gateway, reply.detail)
  if (reply.kind === 'malformed') throw await malformed(context, gateway, reply)

  const traced = admin ? await readTrace(context, reply.traceId, admin) : undefined
  if (options.json) writeJson(context, reportOf(request, reply, traced))
  else writeAnswer(context, reply, traced)
  const failure = traced && 'failure' in traced ? traced.failure : undefined
  if (reply.kind === 'error') throw new CommandError('rpcError', failure?.message ?? '')
  if (failure) throw failure
}

function send(
  context: Context,
  gateway: Location,
  { chain, method, params }: Call,
  options: { key: string | undefined; isTraced: boolean },
): Promise<RpcReply> {
  const { key, isTraced } = options
  const path = [chain, ...(key ? [key] : [])].map(encodeURIComponent).join('/')
  // Without the header the gateway keeps a trace only of what went wrong.
  const headers: Record<string, string> = isTraced ? { 'x-mooring-trace': '1' } : {}
  return requestRpc(
    context,
    { url: `${gateway.url}/${path}`, headers, timeoutMs },
    { method, params },
  )
}

function keyOf(context: Context, options: CallOptions): string | undefined {
  const key = options.key ?? (context.env.MOORING_KEY || undefined)
  if (key === undefined || keyPattern.test(key)) return key
  const origin = options.key === undefined ? 'MOORING_KEY' : '--key'
  throw new CommandError(
    'badInput',
    `${origin} is no API key: those are 16 to 128 letters, digits, - and _.`,
  )
}

/** The answer is worth printing even when its trace cannot be had. */
async function readTrace(
  context: Context,
  traceId: string | null,
  admin: Location,
): Promise<Traced> {
  try {
    if (traceId === null) throw new CommandError('unexpected', 'The answer carries no trace id.')
    return { trace: await fetchTrace(context, admin, traceId) }
  } catch (error) {
    if (error instanceof CommandError) return { failure: error }
    throw error
  }
}

function writeAnswer(context: Context, answer: Answer, traced: Traced | undefined): void {
  const trace = traced && 'trace' in traced ? formatTrace(traced.trace) : undefined
  if (answer.kind === 'error') {
    context.stderr.write(formatError(answer.error, answer.traceId))
    // The trace begins with its id.
    if (trace === undefined && answer.traceId) context.stderr.write(`trace: ${answer.traceId}\n`)
  } else {
    const { result } = answer
    const text = typeof result === 'string' ? result : JSON.stringify(result, null, 2)
    context.stdout.write(`${text}\n`)
  }
  if (trace !== undefined) context.stderr.write(trace)
}

/** The gateway puts the trace id into the data of its own errors as well; people need it once. */
function formatError({ code, message, data }: RpcError, traceId: string | null): string {
  const line = `error ${code}: ${message}\n`
  const rest = isRecord(data) && data.traceId === traceId ? withoutTraceId(data) : data
  return rest === undefined ? line : `${line}data: ${JSON.stringify(rest)}\n`
}

function withoutTraceId({ traceId: _, ...rest }: Record<string, unknown>): object | undefined {
  return Object.keys(rest).length > 0 ? rest : undefined
}

function reportOf(request: Call, answer: Answer, traced: Traced | undefined): object {
  const outcome = answer.kind === 'error' ? { error: answer.error } : { result: answer.result }
  const trace = traced === undefined ? {} : { trace: 'trace' in traced ? traced.trace : null }
  return { ...request, ...outcome, traceId: answer.traceId, ...trace }
}

async function malformed(
  context: Context,
  gateway: Location,
  { status, text }: { status: number; text: string },
): Promise<CommandError> {
  const where = `${gateway.url} (from ${gateway.origin})`
  if (await isAdminPort(context, gateway)) {
    return new CommandError(
      'badInput',
      `What answers at ${where} is the admin port of a gateway, not the port for consumers:\n` +
        "that one is `listen` in the gateway's configuration, 8545 unless set.",
    )
  }
  return new CommandError(
    'unexpected',
    `${where} answered HTTP ${status}, but not with JSON-RPC: ` +
      JSON.stringify(text.slice(0, excerptCharsMax)),
  )
}
