import { afterAll, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Post, post } from './post.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
/** Signed by itself for `localhost` and 127.0.0.1, and used by nothing but these tests. */
const cert = await Bun.file(pathOf('localhost-cert.pem')).text()
const key = await Bun.file(pathOf('localhost-key.pem')).text()

const heard: { url: string; body: string; headers: Headers }[] = []
const receive = async (request: Request) => {
  heard.push({ url: request.url, body: await request.text(), headers: request.headers })
  return new Response('thanks'.repeat(100_000))
}
const secure = Bun.serve({ port: 0, tls: { cert, key }, fetch: receive })
const plain = Bun.serve({ port: 0, fetch: receive })
afterAll(async () => {
  await Promise.all([secure.stop(true), plain.stop(true)])
})

const sent: Post = { body: '{"ä":1}', headers: { 'Mooring-Delivery': 'd-1' }, timeoutMs: 3_000 }
const at = (url: string, address = '127.0.0.1') => ({ url: new URL(url), address })

/** Something that speaks, but not quite HTTP. */
async function withSpeaker(words: string | undefined, run: (port: number) => Promise<void>) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => words !== undefined && socket.end(words))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  await run((server.address() as { port: number }).port)
  server.close()
}

describe('a letter', () => {
  test('arrives whole, with its headers, at the address that was checked', async () => {
    const url = `http://hook.example.org:${plain.port}/in?a=b`
    expect(await post(at(url), sent)).toEqual({ problem: undefined })
    const last = heard.at(-1)!
    expect([last.body, last.headers.get('mooring-delivery')]).toEqual(['{"ä":1}', 'd-1'])
    expect(last.headers.get('host')).toBe(`hook.example.org:${plain.port}`)
    expect(new URL(last.url).search).toBe('?a=b')
  })

  test('arrives over TLS when the certificate is for the name', async () => {
    const url = `https://localhost:${secure.port}/`
    expect(await post(at(url), { ...sent, ca: cert })).toEqual({ problem: undefined })
  })

  const unsafe: [string, string, string | undefined][] = [
    ['that nobody trusts', 'localhost', undefined],
    ['for another name', 'hook.example.org', cert],
  ]
  test.each(unsafe)('is not sent to a certificate %s', async (_what, host, ca) => {
    const before = heard.length
    expect(await post(at(`https://${host}:${secure.port}/`), { ...sent, ca })).toEqual({
      problem: 'no connection',
    })
    expect(heard).toHaveLength(before)
  })
})

describe('a letter has not arrived', () => {
  const answers: [string, string | undefined, string][] = [
    ['when it is refused', 'HTTP/1.1 500 Oh\r\n\r\n', 'status 500'],
    [
      'when it is sent elsewhere',
      'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n',
      'a redirect (302), which is not followed',
    ],
    ['when the answer is not HTTP', 'hello\r\n', 'an answer that is not HTTP'],
    ['when the answer has no end', 'x'.repeat(100_000), 'an answer that is not HTTP'],
    ['when there is none', '', 'no answer'],
    ['when there is none in time', undefined, 'no answer in time'],
  ]
  test.each(answers)('%s', async (_when, words, problem) => {
    await withSpeaker(words, async (port) => {
      expect(await post(at(`http://a.example:${port}/`), { ...sent, timeoutMs: 300 })).toEqual({
        problem,
      })
    })
  })

  test('when nobody listens', async () => {
    expect(await post(at('http://a.example:1/'), sent)).toEqual({ problem: 'no connection' })
  })
})
