import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  healthy,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import {
  startTestGateway,
  type TestGateway,
  testChain,
  testChainId,
  until,
} from '../gateway.fixtures.ts'

let upstream: ScriptedUpstream
let gateway: TestGateway
const large = 'ab'.repeat(4_000_000)
const long = { web3_sha3: 'é'.repeat(30_000), eth_protocolVersion: '€'.repeat(40_000) }

beforeAll(async () => {
  const results: Record<string, unknown> = {
    ...long,
    eth_getCode: `0x${large}`,
    eth_gasPrice: '0x1',
  }
  upstream = startScriptedUpstream(
    healthy({
      chainId: testChainId,
      head: () => 5_000,
      rest: ({ method }) => ({ result: results[method] ?? null }),
    }),
  )
  gateway = await startTestGateway([{ provider: 'alpha', name: 'one', url: upstream.url }], {
    bodyBytesMax: 10_000,
  })
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

/** A connection of its own, and what came back on it. */
async function connect() {
  let text = ''
  let isClosed = false
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(gateway.url).port),
    allowHalfOpen: true,
    socket: {
      data: (_socket, chunk) => {
        text += chunk.toString('latin1')
      },
      end: (ended) => {
        isClosed = true
        ended.end()
      },
      close: () => {
        isClosed = true
      },
    },
  })
  return {
    socket,
    text: () => text,
    isClosed: () => isClosed,
    answers: () => text.match(/HTTP\/1\.1 \d{3}/g) ?? [],
  }
}

const call = (method: string, id = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params: [] })
const post = (body: string, headers = '', version = '1.1') =>
  `POST /${testChain} HTTP/${version}\r\nHost: a\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

test('requests sent ahead are answered in their order, those that wait for a node too', async () => {
  const { socket, text } = await connect()
  const methods = ['eth_gasPrice', 'eth_chainId', 'eth_nonsense_', 'eth_gasPrice', 'eth_chainId']
  socket.write(methods.map((method, at) => post(call(method, at))).join(''))
  const ids = (): string[] => text().match(/"id":\d/g) ?? []
  await until(() => ids().length === methods.length)
  expect(ids()).toEqual(methods.map((_method, at) => `"id":${at}`))
  socket.end()
})

test('a client that has said all it had to say hears every answer, then the end', async () => {
  const { socket, answers, isClosed } = await connect()
  socket.write(post(call('eth_gasPrice')) + post(call('eth_gasPrice')))
  socket.shutdown()
  await until(isClosed)
  expect(answers()).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
})

test('a client that asks to be let go, or speaks HTTP/1.0, is', async () => {
  for (const request of [
    post(call('eth_chainId'), 'Connection: keep-alive, Close\r\n'),
    post(call('eth_chainId'), '', '1.0'),
  ]) {
    const { socket, text, isClosed } = await connect()
    socket.write(request)
    await until(isClosed)
    expect(text()).toContain('connection: close\r\n')
    expect(text()).toContain('"result":"0x7a69"')
  }
})

test('a client that waits to be told to send its body is told, unless it is refused', async () => {
  const body = call('eth_chainId')
  const asks = `Host: a\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`
  const welcome = await connect()
  welcome.socket.write(`POST /${testChain} HTTP/1.1\r\n${asks}`)
  await until(() => welcome.text().startsWith('HTTP/1.1 100 Continue\r\n\r\n'))
  welcome.socket.write(body)
  await until(() => welcome.text().includes('0x7a69'))
  welcome.socket.end()
  const refused = await connect()
  refused.socket.write(`POST /a/b/c HTTP/1.1\r\n${asks}`)
  await until(() => refused.answers().length > 0)
  expect(refused.answers()).toEqual(['HTTP/1.1 404'])
  refused.socket.end()
})

test('a client that is refused before it sends its body is let go, for it may send none', async () => {
  const { socket, answers, text, isClosed } = await connect()
  const next = post(call('eth_chainId'))
  const asks = `Host: a\r\nExpect: 100-continue\r\nContent-Length: ${next.length}\r\n\r\n`
  socket.write(`POST /a/b/c HTTP/1.1\r\n${asks}`)
  await until(() => answers().length > 0)
  // To whoever reads it as the body it is one; nobody answers it.
  socket.write(next + next)
  await until(isClosed)
  expect(answers()).toEqual(['HTTP/1.1 404'])
  expect(text()).toContain('connection: close\r\n')
})

test('a client that was refused with its body sent along goes on', async () => {
  const { socket, answers, text } = await connect()
  const asks = 'Host: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}'
  socket.write(`POST /a/b/c HTTP/1.1\r\n${asks}${post(call('eth_chainId'))}`)
  await until(() => text().includes('0x7a69'))
  expect(answers()).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200'])
  socket.end()
})

test('a refusal before the body keeps the connection, and what was left of the body is no request', async () => {
  const { socket, answers, text } = await connect()
  const inner = post(call('eth_gasPrice'))
  const head = `POST /a/b/c HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\n\r\n`
  socket.write(head + inner.slice(0, 20))
  await until(() => answers().length === 1)
  socket.write(inner.slice(20) + post(call('eth_chainId')))
  await until(() => text().includes('0x7a69'))
  expect(answers()).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200'])
  socket.end()
})

test('an answer to HEAD has no body', async () => {
  const { socket, text, answers } = await connect()
  socket.write(`HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${post(call('eth_chainId'))}`)
  await until(() => text().includes('0x7a69'))
  expect(answers()).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
  expect(text()).not.toContain('<html')
  socket.end()
})

test('what is no HTTP is refused and the connection closed', async () => {
  const { socket, answers, isClosed } = await connect()
  socket.write('\x16\x03\x01 hello')
  await until(isClosed)
  expect(answers()).toEqual(['HTTP/1.1 400'])
})

test('an answer that its client reads slowly arrives whole', async () => {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_getCode',
    params: ['0x1', '0x1'],
  })
  const { socket, text } = await connect()
  socket.write(post(body) + post(call('eth_chainId', 2)))
  socket.pause()
  await Bun.sleep(300)
  socket.resume()
  await until(() => text().endsWith('"result":"0x7a69"}'))
  expect(text()).toContain(`"result":"0x${large}"}HTTP/1.1 200 OK`)
  socket.end()
})

test('a caller that reads none of many long answers loses some of them, and delays nobody', async () => {
  const body = call('eth_getCode')
  const stalled = await Promise.all(Array.from({ length: 12 }, connect))
  for (const { socket } of stalled) {
    socket.pause()
    socket.write(post(body))
  }
  await Bun.sleep(300)
  const honest = await connect()
  honest.socket.write(post(body))
  await until(() => honest.text().endsWith('"}'))
  expect(honest.text().length).toBeGreaterThan(large.length)
  for (const { socket } of stalled) socket.resume()
  const isWhole = ({ text }: { text: () => string }) => text().length > large.length
  await until(() => stalled.every((each) => isWhole(each) || each.isClosed()), 10_000)
  expect(stalled.filter(isWhole).length).toBeLessThan(stalled.length)
  for (const { socket } of [...stalled, honest]) socket.terminate()
})

test('long answers to clients that read slowly are not mixed up', async () => {
  const each = 100
  const clients = await Promise.all(
    Object.entries(long).map(async ([method, result]) => {
      const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
      return { ...(await connect()), request: post(call(method)), body: bytes.toString('latin1') }
    }),
  )
  for (const { socket, request } of clients) {
    socket.pause()
    socket.write(request.repeat(each))
  }
  await Bun.sleep(300)
  for (const { socket } of clients) socket.resume()
  for (const { socket, text, answers, body } of clients) {
    await until(() => answers().length === each && text().endsWith('"}'))
    expect(text().split(body)).toHaveLength(each + 1)
    socket.end()
  }
})

test('clients that vanish amid a request or an answer leave the gateway as it was', async () => {
  for (let round = 0; round < 20; round++) {
    const { socket } = await connect()
    const request = post(call('eth_gasPrice'))
    socket.write(round % 2 === 0 ? request : request.slice(0, 60))
    if (round % 3 === 0) await Bun.sleep(1)
    socket.terminate()
  }
  expect(await gateway.call('eth_gasPrice')).toMatchObject({ result: '0x1' })
})

test('several gateways listen on one port where they are told to, and only then', async () => {
  const one = [{ provider: 'alpha', name: 'one', url: upstream.url }]
  await using first = await startTestGateway(one, { listen: { port: 0, shared: true } })
  const port = Number(new URL(first.url).port)
  await using second = await startTestGateway(one, { listen: { port, shared: true } })
  expect(second.url).toBe(first.url)
  await first.stop()
  expect(await second.call('eth_gasPrice')).toMatchObject({ result: '0x1' })
  await expect(startTestGateway(one, { listen: { port } })).rejects.toThrow()
})
