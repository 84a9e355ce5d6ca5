import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { getText } from './get-text.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
/** Signed by itself for `localhost` and 127.0.0.1, and used by nothing but these tests. */
const cert = await Bun.file(pathOf('localhost-cert.pem')).text()
const key = await Bun.file(pathOf('localhost-key.pem')).text()

const limits = { timeoutMs: 3_000, bytesMax: 1_000 }
let server: Bun.Server<undefined>
let secure: Bun.Server<undefined>
let elsewhere: Bun.Server<undefined>
let visitsElsewhere = 0

beforeAll(() => {
  elsewhere = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch() {
      visitsElsewhere++
      return new Response('secret')
    },
  })
  const fetch = (request: Request) => answerTo(new URL(request.url).pathname, request)
  server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch })
  secure = Bun.serve({ port: 0, hostname: '127.0.0.1', tls: { cert, key }, fetch })
})
afterAll(async () => {
  await Promise.all([server, secure, elsewhere].map((each) => each?.stop(true)))
})

function answerTo(path: string, request: Request): Response | Promise<Response> {
  switch (path) {
    case '/whoami':
      return new Response(request.headers.get('host'))
    case '/redirect':
      return Response.redirect(`http://127.0.0.1:${elsewhere.port}/`, 302)
    case '/long':
      return new Response('x'.repeat(1_001))
    case '/bomb':
      return new Response(gzipSync('x'.repeat(5_000_000)), {
        headers: { 'content-encoding': 'gzip' },
      })
    case '/endless':
      return new Response(new ReadableStream({ start: (sink) => sink.enqueue('x') }))
    case '/silent':
      return new Promise(() => {})
    default:
      return new Response('no', { status: 404 })
  }
}

const at = (url: string) => ({ url: new URL(url), address: '127.0.0.1' })

describe('a text', () => {
  test('comes from the address that was checked, asked for by its name', async () => {
    const url = `http://node.example.org:${server.port}/whoami`
    expect(await getText(at(url), limits)).toEqual({
      ok: true,
      text: `node.example.org:${server.port}`,
    })
  })

  test('comes over TLS where the certificate is for the name', async () => {
    const url = `https://localhost:${secure.port}/whoami`
    expect((await getText(at(url), { ...limits, ca: cert })).ok).toBeTrue()
  })

  test('comes from nobody with a certificate for another name, or one that nobody trusts', async () => {
    const refused = { ok: false, problem: 'it was not reached' } as const
    const other = `https://node.example.org:${secure.port}/whoami`
    expect(await getText(at(other), { ...limits, ca: cert })).toEqual(refused)
    expect(await getText(at(`https://localhost:${secure.port}/whoami`), limits)).toEqual(refused)
  })
})

describe('there is no text', () => {
  test('where a redirect leads', async () => {
    expect(await getText(at(`http://a.example:${server.port}/redirect`), limits)).toEqual({
      ok: false,
      problem: 'it answered with a redirect (302), which is not followed',
    })
    expect(visitsElsewhere).toBe(0)
  })

  test.each([
    ['/long', 'it answered with more than 1000 bytes'],
    ['/bomb', 'it answered with more than 1000 bytes'],
    ['/nothing', 'it answered with status 404'],
  ])('at %s', async (path, problem) => {
    const got = await getText(at(`http://a.example:${server.port}${path}`), limits)
    expect(got).toEqual({ ok: false, problem })
  })

  test.each(['/endless', '/silent'])('in time at %s', async (path) => {
    const url = `http://a.example:${server.port}${path}`
    expect(await getText(at(url), { ...limits, timeoutMs: 100 })).toEqual({
      ok: false,
      problem: 'it did not answer within 100 ms',
    })
  })

  test('where nobody listens', async () => {
    expect(await getText(at('http://a.example:1/'), limits)).toEqual({
      ok: false,
      problem: 'it was not reached',
    })
  })
})
