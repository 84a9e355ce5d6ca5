import type { Asks } from '../load/wrk.ts'

/** The servers that stand before the same upstream. */
export const targetNames = [
  'haproxy',
  'fetchProxy',
  'gateway',
  'gatewayTls',
  'gatewayPair',
] as const
export type TargetName = (typeof targetNames)[number]

/** One row of the table. */
export type Case = {
  /** Begins the names of its figures. */
  name: string
  title: string
  target: TargetName
  asks: Asks
  /** The case whose figure this one is compared with. */
  mark: 'haproxyProxied1Kb' | 'haproxyProxied50Kb'
}

export const light: Asks = {
  kind: 'light',
  requestsPerBatch: 1,
  connections: 64,
  answerBytesMin: 1_200,
}
const full: Asks = { ...light, kind: 'full', answerBytesMin: 50_000 }
const repeated: Asks = { ...light, kind: 'repeated' }
const repeatedFull: Asks = { ...full, kind: 'repeatedFull' }
const mark = 'haproxyProxied1Kb'
const largeMark = 'haproxyProxied50Kb'

export const cases: readonly Case[] = [
  { name: mark, title: 'HAProxy, 1 KB', target: 'haproxy', asks: light, mark },
  { name: largeMark, title: 'HAProxy, 50 KB', target: 'haproxy', asks: full, mark: largeMark },
  {
    name: 'bunFetch1Kb',
    title: 'bare Bun.serve and fetch, 1 KB',
    target: 'fetchProxy',
    asks: light,
    mark,
  },
  { name: 'proxied1Kb', title: 'gateway, 1 KB', target: 'gateway', asks: light, mark },
  { name: 'proxied50Kb', title: 'gateway, 50 KB', target: 'gateway', asks: full, mark: largeMark },
  {
    name: 'batch10',
    title: 'gateway, 1 KB, batches of 10 (16 connections)',
    target: 'gateway',
    asks: batchOf(10, 16),
    mark,
  },
  {
    name: 'batch100',
    title: 'gateway, 1 KB, batches of 100 (4 connections)',
    target: 'gateway',
    asks: batchOf(100, 4),
    mark,
  },
  {
    name: 'upstreamTls1Kb',
    title: 'gateway, 1 KB, upstream over TLS',
    target: 'gatewayTls',
    asks: light,
    mark,
  },
  {
    name: 'sharedPort1Kb',
    title: 'two gateways on one port and one core, 1 KB',
    target: 'gatewayPair',
    asks: light,
    mark,
  },
  {
    name: 'repeated',
    title: 'gateway, 1 KB, one request repeated',
    target: 'gateway',
    asks: repeated,
    mark,
  },
  {
    name: 'repeated50Kb',
    title: 'gateway, 50 KB, one request repeated',
    target: 'gateway',
    asks: repeatedFull,
    mark: largeMark,
  },
]

/** Few enough connections that the three upstreams have room for every request of every batch. */
function batchOf(requestsPerBatch: number, connections: number): Asks {
  const answerBytesMin = requestsPerBatch * light.answerBytesMin
  return { ...light, requestsPerBatch, connections, answerBytesMin }
}
