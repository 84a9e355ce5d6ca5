import { parseArgs } from 'node:util'

// The least a proxy on Bun can be: no check, no limit, no choice.
//   bun fetch-proxy.ts --port 1 --upstream http://127.0.0.1:2

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, upstream: { type: 'string', default: '' } },
})
const headers = { 'content-type': 'application/json' }

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(values.port),
  development: false,
  async fetch(request) {
    const body = await request.text()
    const answer = await fetch(values.upstream, { method: 'POST', headers, body })
    return new Response(await answer.text(), { headers })
  },
  error: () => new Response('bad gateway', { status: 502 }),
})
