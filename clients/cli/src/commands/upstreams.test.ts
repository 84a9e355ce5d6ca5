import { expect, test } from 'bun:test'
import type { UpstreamReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { runCommand, serveJson } from '../context.fixtures.ts'

const healthy: UpstreamReport = {
  id: 'alpha/one',
  node: null,
  agent: null,
  community: true,
  provider: 'alpha',
  score: 9,
  gates: [],
  terms: [
    { term: 'freshness', value: 1, weight: 0.4, reason: 'at the head' },
    { term: 'latency', value: 0.81, weight: 0.3, reason: '40 ms, the best takes 31 ms' },
  ],
  headBlock: 21_000_000,
  lagBlocks: 0,
  probeLatencyMs: 40.4,
  successRate: 0.998,
  inFlight: 3,
  relays: 12_345,
  failures: 2,
  share: 0.62,
  onProbation: false,
  lastFailure: null,
  unsupportedMethods: [],
  earliestStateBlock: null,
}
const gated: UpstreamReport = {
  ...healthy,
  id: 'bravo/two',
  score: 0,
  gates: [{ gate: 'lag', reason: '12 blocks behind, the limit is 6' }],
  terms: [],
  lagBlocks: 12,
  probeLatencyMs: null,
  share: 0,
}
const report: UpstreamsReport = {
  chains: [
    {
      chain: 'eth',
      title: 'Ethereum',
      chainId: 1,
      headBlock: 21_000_000,
      headHash: null,
      finalBlock: null,
      headAgeMs: 3_210,
      upstreams: [gated, healthy],
    },
    {
      chain: 'bsc',
      title: 'BNB Smart Chain',
      chainId: 56,
      headBlock: null,
      headHash: null,
      finalBlock: null,
      headAgeMs: 0,
      upstreams: [],
    },
  ],
}
const admin = () => serveJson({ '/v1/upstreams': report })

test('each upstream has its score, every factor, and the reason for a gate', async () => {
  await using server = admin()
  const { exitCode, stdout } = await runCommand(['upstreams', '--admin', server.url])
  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    [
      'eth  Ethereum, chain id 1, head 21,000,000, 3.2 s ago',
      'UPSTREAM   SCORE  FRESHNESS^0.4  LATENCY^0.3  LAG  PROBE     OK  IN FLIGHT  RELAYS  SHARE  WHY',
      'alpha/one      9           1.00         0.81    0  40 ms  100 %          3  12,345   62 %  latency: 40 ms, the best takes 31 ms',
      'bravo/two      0              -            -   12      -  100 %          3  12,345    0 %  lag: 12 blocks behind, the limit is 6',
      '',
      'bsc  BNB Smart Chain, chain id 56, head unknown',
      'no upstreams',
      '',
    ].join('\n'),
  )
})

const wideReport: UpstreamsReport = {
  chains: [
    {
      chain: 'eth',
      title: 'Ethereum',
      chainId: 1,
      headBlock: 21_000_000,
      headHash: null,
      finalBlock: null,
      headAgeMs: 3_210,
      upstreams: [healthy, gated, { ...healthy, id: 'charlie/three', score: 8, onProbation: true }],
    },
  ],
}

test.each([
  [
    140,
    'UPSTREAM       SCORE  FRESHNESS^0.4  LATENCY^0.3  LAG  PROBE     OK  IN FLIGHT  RELAYS  SHARE  WHY',
  ],
  [100, 'UPSTREAM       SCORE  LAG  PROBE     OK  IN FLIGHT  RELAYS  SHARE  WHY'],
  [80, 'UPSTREAM       SCORE  LAG  PROBE     OK  SHARE  WHY'],
  [30, 'UPSTREAM       SCORE  LAG  PR…'],
])('on a terminal of %i columns no line wraps', async (widthColumns, head) => {
  await using server = serveJson({ '/v1/upstreams': wideReport })
  const ran = await runCommand(['upstreams', '--admin', server.url], {
    terminal: { widthColumns, heightLines: 50 },
    env: { NO_COLOR: '1' },
  })
  const lines = ran.stdout.split('\n')
  expect(lines[1]).toBe(head)
  expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(widthColumns)
  if (widthColumns < 80) return
  expect(ran.stdout).toMatch(/^alpha\/one +9 .*latency: 40 ms, the best/m)
  expect(ran.stdout).toMatch(/^charlie\/three +8 .*on probation; latency/m)
  expect(ran.stdout).toMatch(/^bravo\/two +0 .*lag: 12 blocks behind/m)
})

test('the port for consumers is told from the admin port', async () => {
  const { exitCode, stderr } = await runCommand(['upstreams'], {
    env: { MOORING_ADMIN: 'http://127.0.0.1:8545' },
    fetch: async () => Response.json({}, { status: 405, headers: { 'x-trace-id': 'abc' } }),
  })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('http://127.0.0.1:8545 (from MOORING_ADMIN) is the port for consumers')
})

test('--json hands on the report, --chain picks from it', async () => {
  await using server = admin()
  const all = await runCommand(['upstreams', '--admin', server.url, '--json'])
  expect(JSON.parse(all.stdout)).toEqual(report)
  const one = await runCommand(['upstreams', '--admin', server.url, '--chain', 'bsc', '--json'])
  expect(JSON.parse(one.stdout)).toEqual({ chains: [report.chains[1]] })
})

test('a chain that is not served is bad input', async () => {
  await using server = admin()
  const ran = await runCommand(['upstreams', '--admin', server.url, '--chain', 'base'])
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toContain('does not serve base. It serves: eth, bsc.')
})

test('a stranger on the admin port is told from a gateway', async () => {
  await using stranger = serveJson({ '/v1/upstreams': ['hello'] })
  const ran = await runCommand(['upstreams', '--admin', stranger.url])
  expect(ran.exitCode).toBe(1)
  expect(ran.stderr).toContain('is not the admin port of a gateway')
})

test('watching draws over the frame before until it is interrupted', async () => {
  await using server = admin()
  const stop = new AbortController()
  let fetches = 0
  const ran = await runCommand(['upstreams', '--watch', '--admin', server.url], {
    terminal: { widthColumns: 200, heightLines: 50 },
    interruption: () => stop.signal,
    fetch: (url, init) => {
      if (++fetches === 2) stop.abort()
      return fetch(url, init)
    },
  })
  expect(ran.exitCode).toBe(0)
  expect(ran.stdout.split('\u001b[H')).toHaveLength(2)
  expect(ran.stdout).toContain('alpha/one')
  expect(ran.stderr).toBe('')
})

test('a frame never grows higher than the window', async () => {
  await using server = admin()
  const stop = new AbortController()
  const ran = await runCommand(['upstreams', '--watch', '--admin', server.url], {
    terminal: { widthColumns: 80, heightLines: 5 },
    interruption: () => stop.signal,
    fetch: (url, init) => {
      queueMicrotask(() => setTimeout(() => stop.abort(), 20))
      return fetch(url, init)
    },
  })
  const lines = Bun.stripANSI(ran.stdout).trimEnd().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines.at(-1)).toBe('… 4 more lines, use --chain NAME')
})

test('watching with --json prints one object a line', async () => {
  await using server = admin()
  const stop = new AbortController()
  const ran = await runCommand(['upstreams', '--watch', '--json', '--admin', server.url], {
    interruption: () => stop.signal,
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      queueMicrotask(() => setTimeout(() => stop.abort(), 20))
      return response
    },
  })
  expect(
    ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([report])
})
