import { expect, test } from 'bun:test'
import { runOpenLoop, type Sample } from './open-loop.ts'
import { relaxedPace } from './pace.ts'

async function load(answer: (at: number) => Promise<Response>, count: number): Promise<Sample[]> {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => answer(Number(await request.text())),
  })
  try {
    return await runOpenLoop({
      url: server.url,
      ratePerSecond: 1_000,
      count,
      bodyOf: String,
      problemOf: ({ status, body }) => (status === 200 ? undefined : `${status} ${body}`),
      pace: relaxedPace,
      signal: AbortSignal.timeout(5_000),
    })
  } finally {
    await server.stop(true)
  }
}

test('one slow answer holds nobody else up', async () => {
  const slow = Promise.withResolvers<void>()
  const samples = await load(async (at) => {
    if (at === 0) await slow.promise
    if (at === 49) slow.resolve()
    return new Response('ok')
  }, 50)
  expect(samples).toHaveLength(50)
  expect(samples.filter(({ problem }) => problem !== undefined)).toEqual([])
  expect(samples.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 50 }, (_, at) => at))
  expect(samples[0]?.latencyMs).toBeGreaterThan(49)
})

test('an answer that is wrong is a problem of its request alone', async () => {
  const samples = await load(
    async (at) => new Response(`${at}`, { status: at === 3 ? 503 : 200 }),
    10,
  )
  expect(samples.map(({ problem }) => problem).filter(Boolean)).toEqual(['503 3'])
})

test('a server that is not there is a problem of every request', async () => {
  const samples = await runOpenLoop({
    url: new URL('http://127.0.0.1:1/'),
    ratePerSecond: 1_000,
    count: 5,
    bodyOf: String,
    problemOf: () => undefined,
    pace: relaxedPace,
    signal: AbortSignal.timeout(5_000),
  })
  expect(samples.filter(({ problem }) => problem !== undefined)).toHaveLength(5)
})
