import { afterAll, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { type HttpClientOptions, openHttpClient } from './client.ts'
import { lengthResponse, startScriptedUpstream, until } from './fixtures/scripted-upstream.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
/** Signed by itself for `localhost` and 127.0.0.1, and used by nothing but these tests. */
const cert = await Bun.file(pathOf('localhost-cert.pem')).text()
const key = await Bun.file(pathOf('localhost-key.pem')).text()

const upstream = startScriptedUpstream({
  tls: { key, cert },
  onRequest(peer, { body }) {
    if (body === 'close') {
      peer.write('HTTP/1.1 200 OK\r\n\r\nuntil the end')
      peer.end()
    } else peer.write(lengthResponse(body.length > 100 ? 'x'.repeat(3_000_000) : '1'))
  },
})
afterAll(() => upstream.stop())

const post = { body: '{}', timeoutMs: 5_000, repeatable: true }

function open(url: URL | string, options: Partial<HttpClientOptions> = {}) {
  return openHttpClient({
    url: new URL(url),
    headers: {},
    connectionsMax: 4,
    answerBytesMax: 4_000_000,
    clock: { nowMs: () => performance.now() },
    ...options,
  })
}

test.each(['localhost', '127.0.0.1'])(
  'a trusted certificate for %s serves every kind of answer',
  async (host) => {
    const client = open(`https://${host}:${upstream.port}/`, { ca: cert })
    const before = upstream.connections.total
    expect(await client.post(post)).toMatchObject({ ok: true, text: '1' })
    const large = await client.post({ ...post, body: 'x'.repeat(2_000_000) })
    expect(large.ok && large.text.length).toBe(3_000_000)
    expect(client.connections).toEqual({ open: 1, idle: 1 })
    expect(await client.post({ ...post, body: 'close' })).toMatchObject({ text: 'until the end' })
    expect(upstream.connections.total - before).toBe(1)
    await client.post(post)
    client.close()
    await until(() => upstream.connections.open === 0)
  },
)

test.each(['localhost', '127.0.0.1'])(
  'a certificate for %s that nobody trusts is unreachable',
  async (host) => {
    const requests = upstream.requests.length
    const client = open(`https://${host}:${upstream.port}/`)
    expect(await client.post(post)).toEqual({
      ok: false,
      fault: 'unreachable',
      sent: false,
      detail: 'the TLS handshake failed (DEPTH_ZERO_SELF_SIGNED_CERT)',
    })
    expect(client.connections).toEqual({ open: 0, idle: 0 })
    expect(upstream.requests).toHaveLength(requests)
  },
)

test('a trusted certificate for another name is unreachable', async () => {
  const other = startScriptedUpstream({ tls: { key, cert }, hostname: '127.0.0.2' })
  expect(await open(other.url, { ca: cert }).post(post)).toMatchObject({
    fault: 'unreachable',
    sent: false,
    detail: 'the TLS handshake failed (ERR_TLS_CERT_ALTNAME_INVALID)',
  })
  other.stop()
})

test('the address that was located is connected to, and the certificate has to be for the name', async () => {
  const elsewhere = startScriptedUpstream({
    tls: { key, cert },
    hostname: '127.0.0.2',
    onRequest: (peer) => peer.write(lengthResponse('2')),
  })
  const locate = async () => ({ ok: true, address: '127.0.0.2' }) as const
  const found = open(`https://localhost:${elsewhere.port}/`, { ca: cert, locate })
  expect(await found.post(post)).toMatchObject({ ok: true, text: '2' })
  const wrong = open(`https://node.example:${elsewhere.port}/`, { ca: cert, locate })
  expect(await wrong.post(post)).toMatchObject({
    fault: 'unreachable',
    sent: false,
    detail: 'the TLS handshake failed (ERR_TLS_CERT_ALTNAME_INVALID)',
  })
  found.close()
  elsewhere.stop()
})

test('an upstream that does not speak TLS is unreachable, at once or after the connect timeout', async () => {
  const loud = startScriptedUpstream({ onConnection: (peer) => peer.write('220 mail\r\n') })
  const closing = startScriptedUpstream({ onConnection: (peer) => peer.end() })
  const silent = startScriptedUpstream({})
  for (const { port } of [loud, closing, silent]) {
    const client = open(`https://localhost:${port}/`, { connectTimeoutMs: 40 })
    expect(await client.post(post)).toMatchObject({ ok: false, fault: 'unreachable', sent: false })
    expect(client.connections).toEqual({ open: 0, idle: 0 })
  }
  await until(() => silent.connections.open === 0)
  for (const { stop } of [loud, closing, silent]) stop()
})

test('connecting ends with the request when this has less time', async () => {
  const silent = startScriptedUpstream({})
  const client = open(`https://localhost:${silent.port}/`)
  expect(await client.post({ ...post, timeoutMs: 30 })).toMatchObject({
    fault: 'unreachable',
    sent: false,
    detail: 'connecting took too long',
  })
  silent.stop()
})

test('certificates named by NODE_EXTRA_CA_CERTS are trusted', async () => {
  const script = `
    import { openHttpClient } from ${JSON.stringify(fileURLToPath(new URL('client.ts', import.meta.url)))}
    const client = openHttpClient({
      url: new URL('https://localhost:${upstream.port}/'), headers: {}, connectionsMax: 1,
      answerBytesMax: 100, clock: { nowMs: () => performance.now() },
    })
    console.log((await client.post({ body: '', timeoutMs: 5000, repeatable: true })).ok)
    client.close()`
  const child = Bun.spawn([process.execPath, '-e', script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: pathOf('localhost-cert.pem') },
    stdout: 'pipe',
    timeout: 10_000,
  })
  expect(await child.stdout.text()).toBe('true\n')
})
