import { parseArgs } from 'node:util'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { Socket } from 'bun'
import { headBlock } from '../load/block-numbers.ts'
import { BlockAnswer, fullBlock, headDigits, httpAnswer, lightBlock } from './block-answers.ts'

// A node whose answers are prepared, so that it costs less than whatever is measured before it. It
// understands HTTP as the programs of a benchmark send it and no more.
//   bun static-upstream.ts --port 1 [--tls-port 2 --cert FILE --key FILE]

/** What a connection keeps between two events. */
type Held = { received: string; unsent: Buffer | undefined }

/** The load itself asks with ids of one digit, the gateway with ids of seven. */
const answers = new Map(
  [1, 7].map((digits) => [
    digits,
    { light: new BlockAnswer(lightBlock(), digits), full: new BlockAnswer(fullBlock(), digits) },
  ]),
)
const contentLength = /\r\ncontent-length: *(\d+)/i
/** The shape of a request that everything here sends for a block; another one is parsed. */
const blockRequest =
  /"id":(\d+),"method":"eth_getBlockByNumber","params":\["(?:0x([0-9a-f]{7})|[a-z]+)",(true|false)\]/

function received(socket: Socket<Held>, bytes: Buffer): void {
  const held = socket.data
  const text = held.received + bytes.toString('latin1')
  const headEnd = text.indexOf('\r\n\r\n')
  const length = Number(contentLength.exec(text)?.[1] ?? 0)
  if (headEnd === -1 || text.length < headEnd + 4 + length) {
    held.received = text
    return
  }
  held.received = ''
  send(socket, answerOf(text.slice(headEnd + 4)))
}

function answerOf(body: string): Buffer {
  const block = blockRequest.exec(body)
  const [, id = '', digits = headDigits, isFull] = block ?? []
  const prepared = answers.get(id.length)
  if (prepared === undefined) {
    return Buffer.from(httpAnswer(JSON.stringify(parsedAnswer(JSON.parse(body)))))
  }
  return (isFull === 'true' ? prepared.full : prepared.light).bytesFor(digits, id)
}

/** Answers what is asked seldom: heights, the chain id, and what is only there to be answered. */
function parsedAnswer(request: unknown): unknown {
  if (Array.isArray(request)) return request.map(parsedAnswer)
  // Only programs of this repository send to it, and they send JSON-RPC.
  const { id, method } = request as { id: unknown; method: string }
  return { jsonrpc: '2.0', id, result: resultOf(method) }
}

function resultOf(method: string): unknown {
  if (method === 'eth_chainId') return `0x${localOne.chainId.toString(16)}`
  if (method === 'net_version') return String(localOne.chainId)
  if (method === 'eth_blockNumber') return `0x${headBlock.toString(16)}`
  return method === 'eth_syncing' ? false : '0x1'
}

function send(socket: Socket<Held>, bytes: Buffer): void {
  const written = Math.max(0, socket.write(bytes))
  // A copy, for the prepared bytes are written over by the next answer.
  socket.data.unsent = written < bytes.length ? Buffer.from(bytes.subarray(written)) : undefined
}

const handlers = {
  open(socket: Socket<Held>) {
    socket.data = { received: '', unsent: undefined }
  },
  data: received,
  drain(socket: Socket<Held>) {
    if (socket.data.unsent !== undefined) send(socket, socket.data.unsent)
  },
  error(socket: Socket<Held>) {
    socket.terminate()
  },
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'tls-port': { type: 'string' },
    cert: { type: 'string', default: '' },
    key: { type: 'string', default: '' },
  },
})
const hostname = '127.0.0.1'
Bun.listen<Held>({ hostname, port: Number(values.port), socket: handlers })
if (values['tls-port'] !== undefined) {
  const tls = { cert: Bun.file(values.cert), key: Bun.file(values.key) }
  Bun.listen<Held>({ hostname, port: Number(values['tls-port']), tls, socket: handlers })
}
