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

const megabyte = 1_048_576
let upstream: ScriptedUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = startScriptedUpstream(
    healthy({ chainId: testChainId, head: () => 5_000, rest: () => ({ result: '0x1' }) }),
  )
  gateway = await startTestGateway([{ provider: 'alpha', name: 'one', url: upstream.url }], {
    bodyBytesMax: 64 * megabyte,
    trustedProxyHops: 1,
  })
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

/** A caller at an address of its own, who has sent the head of a request and, as fast as it is taken, `bodyBytes`. */
async function begin(address: string, framing: string, bodyBytes = 0) {
  let text = ''
  let rest = Buffer.alloc(bodyBytes, ' ')
  const write = () => {
    const written = rest.length > 0 ? socket.write(rest) : 0
    if (written > 0) rest = rest.subarray(written)
  }
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(gateway.url).port),
    socket: {
      data: (_socket, chunk) => {
        text += chunk.toString('latin1')
      },
      drain: write,
      error() {},
    },
  })
  const headers = `Host: a\r\nX-Forwarded-For: ${address}\r\n${framing}`
  socket.write(`POST /${testChain} HTTP/1.1\r\n${headers}\r\n\r\n`)
  write()
  return { socket, text: () => text, isSent: () => rest.length === 0 }
}

const whole = '{"jsonrpc":"2.0","id":1,"method":"eth_gasPrice"}'
const announced = `Content-Length: ${64 * megabyte}`

test('bodies that are announced and never sent take no room from others', async () => {
  const open = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map((at) =>
      begin(`10.0.0.${at}`, at % 2 === 0 ? 'Transfer-Encoding: chunked' : announced),
    ),
  )
  await Bun.sleep(50)
  const honest = await begin('10.0.1.1', `Content-Length: ${whole.length}`)
  await Bun.sleep(50)
  honest.socket.write(whole)
  await until(() => honest.text().includes('"result":"0x1"'))
  for (const { socket } of [...open, honest]) socket.terminate()
})

test('one caller may not fill the room with bodies that do not end', async () => {
  const greedy = [
    await begin('10.0.2.1', announced, 40 * megabyte),
    await begin('10.0.2.1', announced, 40 * megabyte),
  ]
  await until(() => greedy.some(({ text }) => text().includes('RATE_LIMITED')))
  const [refused] = greedy.filter(({ text }) => text() !== '')
  expect(refused?.text()).toMatch(/^HTTP\/1\.1 429 [\s\S]*unfinishedBytesMax/)
  const honest = await begin('10.0.2.2', announced, megabyte)
  await until(honest.isSent)
  await Bun.sleep(50)
  expect(honest.text()).toBe('')
  for (const { socket } of [...greedy, honest]) socket.terminate()
})

test('what was held is given back when it is answered or its connection goes', async () => {
  for (let round = 0; round < 4; round++) {
    const { socket, text, isSent } = await begin('10.0.3.1', announced, 30 * megabyte)
    await until(isSent)
    await Bun.sleep(20)
    expect(text()).toBe('')
    socket.terminate()
    await Bun.sleep(20)
  }
})
