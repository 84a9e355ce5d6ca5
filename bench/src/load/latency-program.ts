import { parseArgs } from 'node:util'
import { percentileOf } from '../harness/statistics.ts'
import { runOpenLoop } from './open-loop.ts'
import { precisePace } from './pace.ts'

// Measures latency at a fixed rate and prints it as one JSON object; a program of its own, so that it can
// be kept to one processor and nothing else delays it.
//   bun latency-program.ts --url http://127.0.0.1:1/eth --rate 5000 --seconds 4 --first-block 16777217

export type Latency = {
  p50Ms: number
  p99Ms: number
  problems: number
  firstProblem: string | null
}

/** Connections are opened and code is compiled in the first part, which is not counted. */
const ignoredMs = 1_000

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    rate: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '0' },
    'first-block': { type: 'string', default: '0' },
  },
})
const [ratePerSecond, seconds, firstBlock] = [
  Number(values.rate),
  Number(values.seconds),
  Number(values['first-block']),
]
const samples = await runOpenLoop({
  url: new URL(values.url),
  ratePerSecond,
  count: Math.floor(ratePerSecond * seconds),
  bodyOf: (at) =>
    `{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x${(firstBlock + at).toString(16)}",false]}`,
  problemOf: ({ status, body }) =>
    status === 200 && body.includes('"result":{') ? undefined : `${status} ${body.slice(0, 200)}`,
  pace: precisePace(),
  signal: AbortSignal.timeout((seconds + 25) * 1_000),
})
const counted = samples.filter(({ atMs }) => atMs >= ignoredMs).map(({ latencyMs }) => latencyMs)
const problems = samples.flatMap(({ problem }) => problem ?? [])
const latency: Latency = {
  p50Ms: percentileOf(counted, 0.5),
  p99Ms: percentileOf(counted, 0.99),
  problems: problems.length,
  firstProblem: problems[0] ?? null,
}
process.stdout.write(`${JSON.stringify(latency)}\n`)
process.exit(0)
